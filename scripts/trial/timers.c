// libfaketime moves timers of the monotonic clock along with the time that it makes up, and Swift's would never ring.
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

int timerfd_settime(int timer, int flags, const struct itimerspec *new, struct itimerspec *old) {
  return (int)syscall(SYS_timerfd_settime, timer, flags, new, old);
}
