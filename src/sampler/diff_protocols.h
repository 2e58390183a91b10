#ifndef SAMPLER_DIFF_PROTOCOLS_H
#define SAMPLER_DIFF_PROTOCOLS_H

#include "base/net.h"
#include "model/network.h"
#include "platform/platform.h"

#include <stddef.h>

/* Private to diff_network.c: figures about protocols that no single counter of the kernel holds. */

/* Rows protocols_count_states() makes. */
enum { PROTOCOL_STATES = SOCKET_STATE_COUNT - 1 };

/* Count the TCP sockets of our namespace by state: one row for each state. */
void protocols_count_states(const struct raw_sample *sample,
                            struct protocol_counter ret[PROTOCOL_STATES]);

/* Find out of how many each failure is one, from the rates of all rows. */
void protocols_find_shares(struct protocol_counter *rows, size_t count);

#endif
