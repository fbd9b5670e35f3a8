// cnats, where pkg-config says that it is.
#include <nats/nats.h>
