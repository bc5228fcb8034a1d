// The PKCS#11 interface, as p11-kit's header has it. Modules are opened at run time: nothing is linked.
#pragma once
#include <p11-kit-1/p11-kit/pkcs11.h>
#include <spawn.h>
#include <unistd.h>

// The new process keeps no descriptor from this one on; Swift's view of the C library lacks the call.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
static inline int card_close_from(posix_spawn_file_actions_t *_Nonnull actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

// The environment of this process, which Swift takes for a variable that threads may change.
static inline char *_Nullable *_Nullable card_environment(void) {
    extern char **environ;
    return environ;
}
