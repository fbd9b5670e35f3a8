// librdkafka's mock of a Kafka cluster as a process of its own, so that tests can kill it: one broker on loopback, which
// keeps everything in memory, and serves until it is killed.
//
//     kafka-mock PORT PARTITIONS TOPIC...

#define _GNU_SOURCE
#include <dlfcn.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static in_port_t port;

// The mock listens where the kernel likes. Whoever was killed must be found again where he was, so that the library's
// call is answered here.
int bind(int socket, const struct sockaddr *address, socklen_t length) {
  int (*system_bind)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
  if (address->sa_family != AF_INET) return system_bind(socket, address, length);
  struct sockaddr_in fixed = *(const struct sockaddr_in *)address;
  fixed.sin_port = htons(port);
  int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  return system_bind(socket, (const struct sockaddr *)&fixed, sizeof fixed);
}

int main(int count, char **words) {
  if (count < 3) return 64;
  port = (in_port_t)atoi(words[1]);
  char reason[256];
  rd_kafka_t *kafka = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), reason, sizeof reason);
  rd_kafka_mock_cluster_t *cluster = kafka ? rd_kafka_mock_cluster_new(kafka, 1) : NULL;
  if (!cluster) return 70;
  for (int topic = 3; topic < count; topic++) {
    if (rd_kafka_mock_topic_create(cluster, words[topic], atoi(words[2]), 1)) return 70;
  }
  puts(rd_kafka_mock_cluster_bootstraps(cluster));
  fflush(stdout);
  for (;;) pause();
}
