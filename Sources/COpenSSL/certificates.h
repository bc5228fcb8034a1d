// Certificates as a TLS server shows them: its own first, then the one that signed it, and so on up.
// All functions answer 1 for yes and 0 for no, unless they say otherwise.
#pragma once
#include "shim.h"
#include <openssl/x509v3.h>
#include <time.h>

// The certificates of a PEM text in their order; null when there is none, or when one cannot be read.
static inline STACK_OF(X509) *_Nullable card_certificates_read(const unsigned char *_Nonnull bytes, size_t length) {
    BIO *file = length <= (1 << 20) ? BIO_new_mem_buf(bytes, (int)length) : NULL;
    STACK_OF(X509) *list = file ? sk_X509_new_null() : NULL;
    X509 *one;
    ERR_clear_error();
    while (list && (one = PEM_read_bio_X509(file, NULL, card_no_passphrase, NULL)))
        if (!sk_X509_push(list, one)) {
            X509_free(one);
            break;
        }
    // Reading ends where no further certificate begins; everything else is a certificate that cannot be read.
    int ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    BIO_free(file);
    if (list && ended && sk_X509_num(list) > 0) return list;
    sk_X509_pop_free(list, X509_free);
    return NULL;
}

static inline void card_certificates_free(STACK_OF(X509) *_Nullable list) { sk_X509_pop_free(list, X509_free); }

static inline int card_certificates_count(STACK_OF(X509) *_Nonnull list) { return sk_X509_num(list); }

// From when, or until when, a certificate holds, in seconds since 1970.
static inline int card_certificate_time(
    STACK_OF(X509) *_Nonnull list, int index, int is_end, long long *_Nonnull seconds) {
    X509 *certificate = sk_X509_value(list, index);
    struct tm parts;
    if (ASN1_TIME_to_tm(is_end ? X509_get0_notAfter(certificate) : X509_get0_notBefore(certificate), &parts) != 1) return 0;
    *seconds = timegm(&parts);
    return 1;
}

// Whether the first certificate is for this name or address. As browsers do, names are looked for among the alternative names alone.
static inline int card_certificate_is_for(STACK_OF(X509) *_Nonnull list, const char *_Nonnull name) {
    X509 *certificate = sk_X509_value(list, 0);
    int answer = X509_check_ip_asc(certificate, name, 0);
    if (answer == -2)  // no address
        answer = X509_check_host(certificate, name, strlen(name),
            X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL);
    ERR_clear_error();
    return answer == 1;
}

// Whether the certificate behind another is the one that signed it.
static inline int card_certificate_is_signed_by_next(STACK_OF(X509) *_Nonnull list, int index) {
    X509 *certificate = sk_X509_value(list, index), *issuer = sk_X509_value(list, index + 1);
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    int answer = X509_check_issued(issuer, certificate) == X509_V_OK && key && X509_verify(certificate, key) == 1;
    ERR_clear_error();
    return answer;
}

// Whether the first certificate is for this private key.
static inline int card_certificate_has_key(STACK_OF(X509) *_Nonnull list, EVP_PKEY *_Nonnull key) {
    EVP_PKEY *own = X509_get0_pubkey(sk_X509_value(list, 0));
    int answer = own && EVP_PKEY_eq(own, key) == 1;
    ERR_clear_error();
    return answer;
}
