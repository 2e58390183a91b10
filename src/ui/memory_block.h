#ifndef UI_MEMORY_BLOCK_H
#define UI_MEMORY_BLOCK_H

struct table_block;

/* What the machine's memory is used for, above the table of processes by memory.
 * Owns: static storage. */
const struct table_block *memory_block(void);

#endif
