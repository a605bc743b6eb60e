#ifndef DOORS_LOGS_H
#define DOORS_LOGS_H
/* The reader process whole: files that core hands it to read (files_reader.c), and logs that are watched (logs*.c).
 *
 * ask: core's questions; logs: the channel for lines; keeper: whence open files come; doors: UDP sockets and TCP listeners, in the order of boot. */
#include "doors/message.h"

int logs_run(const struct log_boot *, int ask, int logs, int keeper, const int *doors, int n_doors);
/* files_reader.c: answers one question of core's; false: core is gone. */
bool reader_turn(int core_fd);
#endif
