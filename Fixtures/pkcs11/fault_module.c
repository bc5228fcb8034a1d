/*
 * A PKCS#11 module that is SoftHSM2's, and fails on demand: what SSCARD_TOKEN_FAULT's file says when a key is derived, or the token is asked about itself.
 *
 *   cc -shared -fPIC -o fault_module.so fault_module.c -ldl
 *
 *   crash      the process ends by a signal
 *   hang       no answer ever comes
 *   lose-once  the device is gone, with its sessions, and back at the next call
 *   lose       the device is gone for good
 *   lose-final the device is gone, and says at the next call that its PIN has one try left
 *   final-try  the token says that the user's PIN has one try left
 *   final-so   the same of the security officer's
 *
 * Every log-in adds one byte to the file SSCARD_TOKEN_LOGINS.
 */
#define _GNU_SOURCE
#include <p11-kit-1/p11-kit/pkcs11.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static CK_FUNCTION_LIST ours, *real;
static int gone;

static int told(const char *word) {
    char text[32] = "";
    const char *path = getenv("SSCARD_TOKEN_FAULT");
    FILE *file = path ? fopen(path, "r") : NULL;
    if (!file) return 0;
    if (!fgets(text, sizeof text, file)) text[0] = 0;
    fclose(file);
    text[strcspn(text, "\n")] = 0;
    return strcmp(text, word) == 0;
}

static CK_RV derive_key(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, CK_ATTRIBUTE *list,
                        CK_ULONG count, CK_OBJECT_HANDLE *derived) {
    CK_SESSION_INFO info;
    if (told("crash")) abort();
    if (told("hang")) for (;;) pause();
    if (told("lose")) gone = 1;
    if (told("lose-once") || told("lose-final")) {
        if (told("lose-once")) unlink(getenv("SSCARD_TOKEN_FAULT"));
        if (real->C_GetSessionInfo(session, &info) == CKR_OK) real->C_CloseAllSessions(info.slotID);
        return CKR_DEVICE_REMOVED;
    }
    if (gone) return CKR_DEVICE_REMOVED;
    return real->C_DeriveKey(session, mechanism, key, list, count, derived);
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE *session) {
    return gone ? CKR_DEVICE_REMOVED : real->C_OpenSession(slot, flags, application, notify, session);
}

static CK_RV log_in(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *pin, CK_ULONG count) {
    const char *path = getenv("SSCARD_TOKEN_LOGINS");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (file) {
        fputc('.', file);
        fclose(file);
    }
    return real->C_Login(session, user, pin, count);
}

static CK_RV token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
    CK_RV result = real->C_GetTokenInfo(slot, info);
    if (told("final-try") || told("lose-final")) info->flags |= CKF_USER_PIN_FINAL_TRY;
    if (told("final-so")) info->flags |= CKF_SO_PIN_FINAL_TRY;
    return result;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) {
    void *module = dlopen("/usr/lib/softhsm/libsofthsm2.so", RTLD_NOW);
    CK_RV (*get)(CK_FUNCTION_LIST **) = module ? (CK_RV(*)(CK_FUNCTION_LIST **))dlsym(module, "C_GetFunctionList") : NULL;
    if (!get || get(&real) != CKR_OK) return CKR_GENERAL_ERROR;
    ours = *real;
    ours.C_DeriveKey = derive_key;
    ours.C_OpenSession = open_session;
    ours.C_Login = log_in;
    ours.C_GetTokenInfo = token_info;
    *list = &ours;
    return CKR_OK;
}
