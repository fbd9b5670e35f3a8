// librdkafka, where pkg-config says that it is.
#include <librdkafka/rdkafka.h>
