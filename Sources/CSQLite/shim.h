// Settings of the whole library, which has them by a variadic function.
#pragma once
#include <sqlite3.h>

// Before any other call of SQLite's. Its allocator counts no bytes, for nobody asks and it takes a lock for each; each connection keeps
// as much memory as so many slots of so many bytes for what a statement needs while it runs.
//
// Gives SQLite's result code: SQLITE_MISUSE where it is in use already, which changes nothing.
static inline int sqlite_settle_memory(int slot_bytes, int slots) {
    int code = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    return code == SQLITE_OK ? sqlite3_config(SQLITE_CONFIG_LOOKASIDE, slot_bytes, slots) : code;
}
