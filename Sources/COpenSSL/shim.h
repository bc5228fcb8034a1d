// libcrypto for Swift: its headers, and as static inline functions what Swift cannot import of them or what must stay
// in C (an OSSL_PARAM keeps pointers to its arguments, which in Swift may be gone when the array is used).
// All functions answer 1 when they have done their work and 0 when not, unless they say otherwise.
#pragma once
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/des.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

// Keeps this process's memory out of core dumps, also where they are piped to a program, which the limit alone does not
// stop, and away from other processes of the same user.
static inline int card_forbid_dumps(void) {
    const struct rlimit none = {0, 0};
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && setrlimit(RLIMIT_CORE, &none) == 0;
}

// A crash ends the process silently: the Swift runtime's own report would print registers, and with them key bytes.
static inline void card_forbid_backtraces(void) {
    static const int crashes[] = {SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP};
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) signal(crashes[i], SIG_DFL);
}

// The number behind a word at the beginning of a line of /proc/self/status, in the given base; 0 when it is not there.
static inline unsigned long long card_process_status(const char *_Nonnull word, int base) {
    char line[256];
    unsigned long long number = 0;
    FILE *status = fopen("/proc/self/status", "re");
    if (!status) return 0;
    while (fgets(line, sizeof line, status)) {
        if (strncmp(line, word, strlen(word)) == 0) {
            number = strtoull(line + strlen(word), NULL, base);
            break;
        }
    }
    fclose(status);
    return number;
}

// Locks what the process has and will have, page by page as it is touched. Under a limit later allocations would fail.
static inline int card_lock_memory(void) {
    struct rlimit limit;
    int unlimited = getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY;
    int privileged = (card_process_status("CapEff:", 16) >> 14 & 1) == 1;  // CAP_IPC_LOCK
    const int on_fault = 4;  // MCL_ONFAULT
    return (unlimited || privileged) && mlockall(MCL_CURRENT | MCL_FUTURE | on_fault) == 0;
}

static inline int card_memory_is_locked(void) { return card_process_status("VmLck:", 10) > 0; }

// /proc/swaps has a heading, and a line for each swap.
static inline int card_has_no_swap(void) {
    char line[256];
    int lines = 0;
    FILE *swaps = fopen("/proc/swaps", "re");
    if (!swaps) return 0;
    while (fgets(line, sizeof line, swaps)) lines++;
    fclose(swaps);
    return lines == 1;
}

// One block under a key by another road than card_block_key: a context of its own in another mode of OpenSSL. 3DES: CBC of
// one block from zeros; SM4: the key stream of CTR from the block as counter.
static inline int card_one_block(int is_sm4, const unsigned char *_Nonnull key, const unsigned char *_Nonnull block,
                                 unsigned char *_Nonnull output) {
    static const unsigned char zeros[16];
    unsigned char long_key[24];
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, is_sm4 ? "SM4-CTR" : "DES-EDE3-CBC", NULL);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int count = 0;
    memcpy(long_key, key, 16);
    memcpy(long_key + 16, key, 8);
    int done = cipher && context
        && EVP_EncryptInit_ex2(context, cipher, long_key, is_sm4 ? block : zeros, NULL) == 1
        && EVP_CIPHER_CTX_set_padding(context, 0) == 1
        && EVP_EncryptUpdate(context, output, &count, is_sm4 ? zeros : block, is_sm4 ? 16 : 8) == 1
        && count == (is_sm4 ? 16 : 8);
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
    OPENSSL_cleanse(long_key, sizeof long_key);
    return done;
}

// Zeroed room for a secret; without memory the program ends, as it does in Swift. malloc followed by memset would become a
// calloc, which passes over the thread's own free list, and Swift's allocation asks for an alignment: either costs as much again.
static inline unsigned char *_Nonnull card_secret_new(size_t length) {
    unsigned char *secret = OPENSSL_zalloc(length ? length : 1);
    if (!secret) abort();
    return secret;
}

static inline void card_secret_free(unsigned char *_Nonnull secret, size_t length) {
    OPENSSL_clear_free(secret, length);
}

// One expanded block-cipher key. Single and triple DES use the low-level calls: single DES is not in OpenSSL's default
// provider, and their key set-up is several times faster than that of a cipher context. All others own contexts, which only ever
// see whole blocks.
typedef struct card_block_key {
    size_t length;
    size_t block;  // bytes of a block
    const EVP_CIPHER *cipher;  // null for DES; fetched once by the caller, who keeps it
    EVP_CIPHER_CTX *encryption;
    EVP_CIPHER_CTX *decryption;  // made at its first use, of the bytes
    unsigned char bytes[32];  // unused by DES
    DES_key_schedule schedules[];  // one for each part of a DES key
} card_block_key;

static inline size_t card_block_key_size(const EVP_CIPHER *cipher, size_t length) {
    return sizeof(card_block_key) + (cipher ? 0 : length / 8 * sizeof(DES_key_schedule));
}

static inline EVP_CIPHER_CTX *card_block_context(const EVP_CIPHER *cipher) {
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (context && cipher) return context;
    EVP_CIPHER_CTX_free(context);
    return NULL;
}

// Wipes what calls of libcrypto left on the stack below their caller: its DES works in local variables, where a block that is a key
// of a card or of a session would stay until something else happens to lie there.
__attribute__((noinline, unused)) static void card_wipe_calls(void) {
    unsigned char room[1024];
    OPENSSL_cleanse(room, sizeof room);
}

// Expands `key` anew into `self`, whose length and cipher stay as they were.
static inline int card_block_key_set(card_block_key *self, const unsigned char *key) {
    if (!self->cipher) {
        for (size_t part = 0; part < self->length / 8; part++)
            DES_set_key_unchecked((const_DES_cblock *)(key + 8 * part), &self->schedules[part]);
        card_wipe_calls();
        return 1;
    }
    memcpy(self->bytes, key, self->length);
    EVP_CIPHER_CTX_free(self->decryption);
    self->decryption = NULL;
    // a context that is told its cipher again is made anew; enciphering whole blocks never comes to padding
    const EVP_CIPHER *cipher = EVP_CIPHER_CTX_get0_cipher(self->encryption) ? NULL : self->cipher;
    return EVP_EncryptInit_ex2(self->encryption, cipher, key, NULL, NULL) == 1;
}

static inline void card_block_key_free(card_block_key *self) {
    if (!self) return;
    EVP_CIPHER_CTX_free(self->encryption);
    EVP_CIPHER_CTX_free(self->decryption);
    OPENSSL_cleanse(self, card_block_key_size(self->cipher, self->length));
    free(self);
}

// A null `cipher` stands for DES with 8, 16 or 24 bytes. Answers null when there is no memory or no such cipher.
static inline card_block_key *card_block_key_new(const EVP_CIPHER *cipher, const unsigned char *key, size_t length) {
    if (length == 0 || length > sizeof(((card_block_key *)0)->bytes)) return NULL;
    if (!cipher && length != 8 && length != 16 && length != 24) return NULL;
    if (cipher && (size_t)EVP_CIPHER_get_key_length(cipher) != length) return NULL;
    card_block_key *self = calloc(1, card_block_key_size(cipher, length));
    if (!self) return NULL;
    self->length = length;
    self->block = cipher ? (size_t)EVP_CIPHER_get_block_size(cipher) : 8;
    self->cipher = cipher;
    if ((cipher && !(self->encryption = card_block_context(cipher))) || !card_block_key_set(self, key)) {
        card_block_key_free(self);
        return NULL;
    }
    return self;
}

// ECB over whole blocks; `input` and `output` may be the same.
static inline int card_block_key_crypt(
    card_block_key *self, int encrypt, const unsigned char *input, unsigned char *output, size_t length) {
    if (!self->cipher) {
        DES_key_schedule *k = self->schedules;
        if (length % 8) return 0;
        for (size_t at = 0; at < length; at += 8) {
            const_DES_cblock *from = (const_DES_cblock *)(input + at);
            DES_cblock *to = (DES_cblock *)(output + at);
            if (self->length == 8) DES_ecb_encrypt(from, to, &k[0], encrypt);
            else DES_ecb3_encrypt(from, to, &k[0], &k[1], self->length == 16 ? &k[0] : &k[2], encrypt);
        }
        card_wipe_calls();
        return 1;
    }
    int written = 0;
    if (length > (1 << 30) || length % self->block) return 0;
    if (encrypt)
        return EVP_EncryptUpdate(self->encryption, output, &written, input, (int)length) == 1
            && (size_t)written == length;
    if (!self->decryption) {
        EVP_CIPHER_CTX *context = card_block_context(self->cipher);
        if (!context || EVP_DecryptInit_ex2(context, self->cipher, self->bytes, NULL, NULL) != 1
            || EVP_CIPHER_CTX_set_padding(context, 0) != 1) {
            EVP_CIPHER_CTX_free(context);
            return 0;
        }
        self->decryption = context;
    }
    return EVP_DecryptUpdate(self->decryption, output, &written, input, (int)length) == 1
        && (size_t)written == length;
}

// The chain of a CBC-MAC over whole blocks: each is mixed into `chain` of one block, which is enciphered then. A DES key works with its
// first part alone where `first_part` says so.
static inline int card_block_key_chain(
    card_block_key *self, int first_part, unsigned char *chain, const unsigned char *input, size_t length) {
    if (length % self->block || (first_part && self->cipher)) return 0;
    for (size_t at = 0; at < length; at += self->block) {
        for (size_t i = 0; i < self->block; i += 8) {  // blocks have 8 or 16 bytes
            unsigned long long mixed, piece;
            memcpy(&mixed, chain + i, 8);
            memcpy(&piece, input + at + i, 8);
            mixed ^= piece;
            memcpy(chain + i, &mixed, 8);
        }
        if (first_part) DES_ecb_encrypt((const_DES_cblock *)chain, (DES_cblock *)chain, self->schedules, DES_ENCRYPT);
        else if (!card_block_key_crypt(self, 1, chain, chain, self->block)) return 0;
    }
    return 1;
}

// How a retail MAC ends: the chain of the first part of a DES key of two, deciphered with the second and enciphered with the first.
static inline int card_block_key_end_retail(card_block_key *self, unsigned char *chain) {
    if (self->cipher || self->length != 16) return 0;
    DES_ecb_encrypt((const_DES_cblock *)chain, (DES_cblock *)chain, self->schedules + 1, DES_DECRYPT);
    DES_ecb_encrypt((const_DES_cblock *)chain, (DES_cblock *)chain, self->schedules, DES_ENCRYPT);
    return 1;
}

// Whether 8 key bytes, parity apart, are one of the weak or semi-weak DES keys.
static inline int card_des_is_weak(const unsigned char *key) {
    DES_cblock copy;
    memcpy(copy, key, sizeof copy);
    DES_set_odd_parity(&copy);
    int weak = DES_is_weak_key(&copy);
    OPENSSL_cleanse(copy, sizeof copy);
    return weak;
}

// The whole CMAC of one message. `cipher` must name a CBC mode: other names give wrong values without an error.
static inline int card_cmac(
    EVP_MAC *mac, const char *cipher, const unsigned char *key, size_t key_length, const unsigned char *message,
    size_t message_length, unsigned char *output, size_t output_size) {
    size_t written = 0;
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, (char *)cipher, 0), OSSL_PARAM_construct_end()};
    int done = context && EVP_MAC_init(context, key, key_length, parameters) == 1
        && EVP_MAC_update(context, message, message_length) == 1
        && EVP_MAC_final(context, output, &written, output_size) == 1 && written == output_size;
    EVP_MAC_CTX_free(context);
    return done;
}

// The whole HMAC of one message under the digest named.
static inline int card_hmac(
    EVP_MAC *mac, const char *digest, const unsigned char *key, size_t key_length, const unsigned char *message,
    size_t message_length, unsigned char *output, size_t output_size) {
    size_t written = 0;
    static const unsigned char none[1] = {0};
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, 0), OSSL_PARAM_construct_end()};
    int done = context && EVP_MAC_init(context, key_length ? key : none, key_length, parameters) == 1
        && EVP_MAC_update(context, message, message_length) == 1
        && EVP_MAC_final(context, output, &written, output_size) == 1 && written == output_size;
    EVP_MAC_CTX_free(context);
    return done;
}

// HKDF, extract and expand, under the digest named.
static inline int card_hkdf(
    const char *digest, const unsigned char *secret, size_t secret_length, const unsigned char *salt,
    size_t salt_length, const unsigned char *info, size_t info_length, unsigned char *output, size_t output_length) {
    static unsigned char none[1] = {0};
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret ? (void *)secret : none, secret_length),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt ? (void *)salt : none, salt_length),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info ? (void *)info : none, info_length),
        OSSL_PARAM_construct_end()};
    int done = context && EVP_KDF_derive(context, output, output_length, parameters) == 1;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return done;
}

// AES-256-GCM with a 12-byte nonce and a 16-byte tag. Sealing writes `tag`, opening checks it.
static inline int card_gcm(
    int seal, const EVP_CIPHER *cipher, const unsigned char *key, const unsigned char *nonce,
    const unsigned char *header, size_t header_length, const unsigned char *input, size_t length,
    unsigned char *output, unsigned char *tag) {
    int written = 0, last = 0;
    unsigned char rest[16];
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int done = context && length <= (1 << 30) && header_length <= (1 << 30)
        && EVP_CipherInit_ex2(context, cipher, key, nonce, seal, NULL) == 1
        && (header_length == 0 || EVP_CipherUpdate(context, NULL, &written, header, (int)header_length) == 1)
        && (length == 0 || EVP_CipherUpdate(context, output, &written, input, (int)length) == 1)
        && (seal || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1)
        && EVP_CipherFinal_ex(context, rest, &last) == 1
        && (!seal || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1);
    EVP_CIPHER_CTX_free(context);
    return done;
}

// What opens many AES-256-GCM boxes under one key; null when it cannot be made. Freeing it wipes the key.
static inline EVP_CIPHER_CTX *card_gcm_opener(const EVP_CIPHER *cipher, const unsigned char *key) {
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (context && EVP_DecryptInit_ex2(context, cipher, key, NULL, NULL) == 1) return context;
    EVP_CIPHER_CTX_free(context);
    return NULL;
}

// Opens one box: nonce (12 bytes) || cipher text || tag (16 bytes), at least 28 bytes.
static inline int card_gcm_open(
    EVP_CIPHER_CTX *opener, const unsigned char *header, size_t header_length, const unsigned char *box,
    size_t length, unsigned char *output) {
    int written = 0, last = 0;
    unsigned char rest[16], tag[16];
    if (length < 28 || length > (1 << 30) || header_length > (1 << 30)) return 0;
    memcpy(tag, box + length - 16, 16);
    return EVP_DecryptInit_ex2(opener, NULL, NULL, box, NULL) == 1
        && (header_length == 0 || EVP_DecryptUpdate(opener, NULL, &written, header, (int)header_length) == 1)
        && (length == 28 || EVP_DecryptUpdate(opener, output, &written, box + 12, (int)(length - 28)) == 1)
        && EVP_CIPHER_CTX_ctrl(opener, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1
        && EVP_DecryptFinal_ex(opener, rest, &last) == 1;
}

// A stream cipher in counter mode, from a first counter of one block; enciphering and deciphering are the same.
static inline int card_counter_mode(
    const EVP_CIPHER *cipher, const unsigned char *key, const unsigned char *counter, const unsigned char *input,
    size_t length, unsigned char *output) {
    int written = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int done = context && length <= (1 << 30) && EVP_EncryptInit_ex2(context, cipher, key, counter, NULL) == 1
        && (length == 0 || EVP_EncryptUpdate(context, output, &written, input, (int)length) == 1)
        && (size_t)written == length;
    EVP_CIPHER_CTX_free(context);
    return done;
}

// MARK: keys on elliptic curves: P-256 (type EC, group P-256) and SM2 (type SM2, group SM2)

// A key from its 65-byte point and, for a private key, its 32-byte scalar; null when they are none.
static inline EVP_PKEY *card_ec_key(
    const char *type, const char *group, const unsigned char *point, size_t point_length,
    const unsigned char *scalar, size_t scalar_length) {
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *number = scalar ? BN_secure_new() : NULL;
    OSSL_PARAM *parameters = NULL;
    if (context && builder && (!scalar || (number && BN_bin2bn(scalar, (int)scalar_length, number)))
        && OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) == 1
        && OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, point_length) == 1
        && (!number || OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1)
        && (parameters = OSSL_PARAM_BLD_to_param(builder)) && EVP_PKEY_fromdata_init(context) == 1
        && EVP_PKEY_fromdata(context, &key, scalar ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX *check = key && scalar ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
    if (key && scalar && (!check || EVP_PKEY_pairwise_check(check) != 1)) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    EVP_PKEY_CTX_free(check);
    OSSL_PARAM_free(parameters);
    BN_clear_free(number);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(context);
    return key;
}

static inline EVP_PKEY *card_ec_generate(const char *type, const char *group) {
    return strcmp(type, "SM2") == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "SM2")
                                    : EVP_PKEY_Q_keygen(NULL, NULL, "EC", group);
}

// Whether a key that was read from a file is of this type and on this curve.
static inline int card_ec_key_is(EVP_PKEY *key, const char *type, const char *curve) {
    char name[64] = "";
    return EVP_PKEY_is_a(key, type)
        && EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof name, NULL) == 1
        && strcmp(name, curve) == 0;
}

// The public point, 04 ‖ x ‖ y.
static inline int card_ec_point(EVP_PKEY *key, unsigned char *point) {
    size_t length = 0;
    return EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, 65, &length) == 1 && length == 65
        && point[0] == 4;
}

// A PEM file protected by a passphrase is refused, never asked for at the terminal.
static inline int card_no_passphrase(char *buffer, int size, int writing, void *context) {
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

static inline EVP_PKEY *card_private_key_read(const unsigned char *bytes, size_t length, int pem) {
    EVP_PKEY *key = NULL;
    if (length > (1 << 20)) return NULL;
    if (!pem) return d2i_AutoPrivateKey(NULL, &bytes, (long)length);
    BIO *file = BIO_new_mem_buf(bytes, (int)length);
    if (file) key = PEM_read_bio_PrivateKey(file, NULL, card_no_passphrase, NULL);
    BIO_free(file);
    return key;
}

static inline EVP_PKEY *card_public_key_read(const unsigned char *bytes, size_t length, int pem) {
    EVP_PKEY *key = NULL;
    if (length > (1 << 20)) return NULL;
    if (!pem) return d2i_PUBKEY(NULL, &bytes, (long)length);
    BIO *file = BIO_new_mem_buf(bytes, (int)length);
    if (file) key = PEM_read_bio_PUBKEY(file, NULL, card_no_passphrase, NULL);
    BIO_free(file);
    return key;
}

// Writes a key into `output`, PKCS #8 when private and SubjectPublicKeyInfo when not; answers the length, 0 when it failed.
// With a null `output` only the length is answered.
static inline size_t card_key_write(EVP_PKEY *key, int private, int pem, unsigned char *output, size_t size) {
    char *start = NULL;
    size_t length = 0;
    BIO *file = BIO_new(private ? BIO_s_secmem() : BIO_s_mem());
    int done = file
        && (private ? (pem ? PEM_write_bio_PKCS8PrivateKey(file, key, NULL, NULL, 0, NULL, NULL)
                           : i2d_PKCS8PrivateKey_bio(file, key, NULL, NULL, 0, NULL, NULL))
                    : (pem ? PEM_write_bio_PUBKEY(file, key) : i2d_PUBKEY_bio(file, key))) == 1;
    if (done) length = (size_t)BIO_get_mem_data(file, &start);
    if (done && output) {
        if (length <= size) memcpy(output, start, length);
        else length = 0;
    }
    BIO_free(file);
    return length;
}

static inline EVP_MD_CTX *card_digest_context(EVP_PKEY_CTX *key_context) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context) EVP_MD_CTX_set_pkey_ctx(context, key_context);
    return context;
}

// Signs and writes r ‖ s, 32 bytes each, left-padded. `identifier` is null for ECDSA; for SM2 it is always given, since
// OpenSSL takes none at all, and not the default one, when it is not set.
static inline int card_sign(
    EVP_PKEY *key, const EVP_MD *digest, const unsigned char *identifier, size_t identifier_length,
    const unsigned char *message, size_t message_length, unsigned char *signature) {
    unsigned char der[96];
    const unsigned char *cursor = der;
    size_t length = sizeof der;
    ECDSA_SIG *pair = NULL;
    EVP_PKEY_CTX *key_context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    EVP_MD_CTX *context = card_digest_context(key_context);
    int done = key_context && context
        && (!identifier || EVP_PKEY_CTX_set1_id(key_context, identifier, (int)identifier_length) == 1)
        && EVP_DigestSignInit(context, NULL, digest, NULL, key) == 1
        && EVP_DigestSign(context, der, &length, message, message_length) == 1
        && (pair = d2i_ECDSA_SIG(NULL, &cursor, (long)length))
        && BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, 32) == 32
        && BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + 32, 32) == 32;
    ECDSA_SIG_free(pair);
    EVP_MD_CTX_free(context);
    EVP_PKEY_CTX_free(key_context);
    return done;
}

// Makes a key ready to sign digests that were made elsewhere, again and again; NULL when it cannot.
static inline EVP_PKEY_CTX *card_signer(EVP_PKEY *key) {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    if (context && EVP_PKEY_sign_init(context) == 1) return context;
    EVP_PKEY_CTX_free(context);
    return NULL;
}

// Signs a digest with a key that was made ready: r ‖ s, 64 bytes.
static inline int card_signer_sign(
    EVP_PKEY_CTX *context, const unsigned char *digest, size_t digest_length, unsigned char *signature) {
    unsigned char der[96];
    const unsigned char *cursor = der;
    size_t length = sizeof der;
    ECDSA_SIG *pair = NULL;
    int done = EVP_PKEY_sign(context, der, &length, digest, digest_length) == 1
        && (pair = d2i_ECDSA_SIG(NULL, &cursor, (long)length))
        && BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, 32) == 32
        && BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + 32, 32) == 32;
    ECDSA_SIG_free(pair);
    return done;
}

// Signs a digest that was made elsewhere: r ‖ s, 64 bytes.
static inline int card_sign_digest(
    EVP_PKEY *key, const unsigned char *digest, size_t digest_length, unsigned char *signature) {
    EVP_PKEY_CTX *context = card_signer(key);
    int done = context && card_signer_sign(context, digest, digest_length, signature);
    EVP_PKEY_CTX_free(context);
    return done;
}

// The DER form of r ‖ s, in at most 96 bytes; answers its length or 0.
static inline size_t card_signature_der(const unsigned char *signature, unsigned char *der) {
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, 32, NULL), *s = BN_bin2bn(signature + 32, 32, NULL);
    int length = 0;
    if (pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
        unsigned char *cursor = der;
        r = s = NULL;
        length = i2d_ECDSA_SIG(pair, NULL);
        length = length > 0 && length <= 96 ? i2d_ECDSA_SIG(pair, &cursor) : 0;
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    return length > 0 ? (size_t)length : 0;
}

// 1 when the signature is the key's, 0 when not, -1 when that could not be found out.
static inline int card_verify(
    EVP_PKEY *key, const EVP_MD *digest, const unsigned char *identifier, size_t identifier_length,
    const unsigned char *message, size_t message_length, const unsigned char *signature) {
    unsigned char der[96];
    size_t length = card_signature_der(signature, der);
    EVP_PKEY_CTX *key_context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    EVP_MD_CTX *context = card_digest_context(key_context);
    int answer = -1;
    if (length > 0 && key_context && context
        && (!identifier || EVP_PKEY_CTX_set1_id(key_context, identifier, (int)identifier_length) == 1)
        && EVP_DigestVerifyInit(context, NULL, digest, NULL, key) == 1)
        answer = EVP_DigestVerify(context, der, length, message, message_length) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_CTX_free(key_context);
    return answer;
}

// The same for a digest that was made elsewhere.
static inline int card_verify_digest(
    EVP_PKEY *key, const unsigned char *digest, size_t digest_length, const unsigned char *signature) {
    unsigned char der[96];
    size_t length = card_signature_der(signature, der);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    int answer = -1;
    if (length > 0 && context && EVP_PKEY_verify_init(context) == 1)
        answer = EVP_PKEY_verify(context, der, length, digest, digest_length) == 1;
    EVP_PKEY_CTX_free(context);
    return answer;
}
