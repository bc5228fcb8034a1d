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
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

// One expanded block-cipher key. Single and triple DES use the low-level calls: single DES is not in OpenSSL's default
// provider, and their key set-up is several times faster than that of a cipher context. All others own contexts.
typedef struct card_block_key {
    unsigned char bytes[32];
    size_t length;
    const EVP_CIPHER *cipher;  // null for DES; fetched once by the caller, who keeps it
    DES_key_schedule schedules[3];
    EVP_CIPHER_CTX *encryption;
    EVP_CIPHER_CTX *decryption;  // made at its first use
} card_block_key;

static inline EVP_CIPHER_CTX *card_block_context(const EVP_CIPHER *cipher) {
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (context && cipher) return context;
    EVP_CIPHER_CTX_free(context);
    return NULL;
}

// Expands `key` anew into `self`, whose length and cipher stay as they were.
static inline int card_block_key_set(card_block_key *self, const unsigned char *key) {
    if (!self->cipher) {
        for (size_t part = 0; part < self->length / 8; part++)
            DES_set_key_unchecked((const_DES_cblock *)(key + 8 * part), &self->schedules[part]);
        return 1;
    }
    memcpy(self->bytes, key, self->length);
    EVP_CIPHER_CTX_free(self->decryption);
    self->decryption = NULL;
    return EVP_EncryptInit_ex2(self->encryption, self->cipher, key, NULL, NULL) == 1
        && EVP_CIPHER_CTX_set_padding(self->encryption, 0) == 1;
}

static inline void card_block_key_free(card_block_key *self) {
    if (!self) return;
    EVP_CIPHER_CTX_free(self->encryption);
    EVP_CIPHER_CTX_free(self->decryption);
    OPENSSL_cleanse(self, sizeof *self);
    free(self);
}

// A null `cipher` stands for DES with 8, 16 or 24 bytes. Answers null when there is no memory or no such cipher.
static inline card_block_key *card_block_key_new(const EVP_CIPHER *cipher, const unsigned char *key, size_t length) {
    if (length == 0 || length > sizeof(((card_block_key *)0)->bytes)) return NULL;
    if (!cipher && length != 8 && length != 16 && length != 24) return NULL;
    if (cipher && (size_t)EVP_CIPHER_get_key_length(cipher) != length) return NULL;
    card_block_key *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->length = length;
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
        return 1;
    }
    int written = 0;
    if (length > (1 << 30) || length % (size_t)EVP_CIPHER_get_block_size(self->cipher)) return 0;
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
