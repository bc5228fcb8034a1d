// The client side of mutual TLS by OpenSSL, over two memory buffers: what comes from the wire is put in, what must go there is
// taken out, and no call here touches a socket, waits, or raises a signal.
#pragma once
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

// What a call came to.
enum {
    CARD_TLS_DONE = 0,
    CARD_TLS_WANTS_MORE = 1,  // bytes from the other side
    CARD_TLS_CLOSED = 2,      // the other side ended the conversation in order
    CARD_TLS_FAILED = 3,
};

// What of the credentials cannot be used.
enum {
    CARD_TLS_LIBRARY = 1,
    CARD_TLS_AUTHORITIES = 2,
    CARD_TLS_CERTIFICATE = 3,
    CARD_TLS_PRIVATE_KEY = 4,
    CARD_TLS_KEY_OF_ANOTHER = 5,
};

typedef struct card_tls_phrase {
    const unsigned char *bytes;
    size_t length;
} card_tls_phrase;

// Never asks at the terminal, as OpenSSL does on its own.
static inline int card_tls_give_phrase(char *buffer, int size, int writing, void *given) {
    const card_tls_phrase *phrase = given;
    (void)writing;
    if (!phrase || size < 0 || phrase->length > (size_t)size) return 0;
    memcpy(buffer, phrase->bytes, phrase->length);
    return (int)phrase->length;
}

// A client's settings: TLS 1.2 or later, the server's certificate must come from `authorities`. Null when something cannot be
// used, which `fault` then tells.
static inline SSL_CTX *_Nullable card_tls_client(
    const char *_Nonnull authorities, const char *_Nonnull certificate, const char *_Nonnull key,
    const unsigned char *_Nullable phrase, size_t phrase_length, int *_Nonnull fault) {
    card_tls_phrase given = {phrase, phrase_length};
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    *fault = CARD_TLS_LIBRARY;
    if (!context) return NULL;
    SSL_CTX_set_default_passwd_cb(context, card_tls_give_phrase);
    SSL_CTX_set_default_passwd_cb_userdata(context, &given);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
        *fault = CARD_TLS_LIBRARY;
    else if (SSL_CTX_load_verify_file(context, authorities) != 1)
        *fault = CARD_TLS_AUTHORITIES;
    else if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
        *fault = CARD_TLS_CERTIFICATE;
    else if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
        *fault = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH ? CARD_TLS_KEY_OF_ANOTHER
                                                                                   : CARD_TLS_PRIVATE_KEY;
    else if (SSL_CTX_check_private_key(context) != 1)
        *fault = CARD_TLS_KEY_OF_ANOTHER;
    else
        *fault = 0;
    SSL_CTX_set_default_passwd_cb_userdata(context, NULL);
    ERR_clear_error();
    if (*fault == 0) return context;
    SSL_CTX_free(context);
    return NULL;
}

// A conversation with the server of this name or address, which its certificate must carry.
static inline SSL *_Nullable card_tls_conversation(SSL_CTX *_Nonnull context, const char *_Nonnull name) {
    SSL *session = SSL_new(context);
    BIO *received = BIO_new(BIO_s_mem()), *sent = BIO_new(BIO_s_mem());
    if (!session || !received || !sent) {
        BIO_free(received);
        BIO_free(sent);
        SSL_free(session);
        return NULL;
    }
    SSL_set_bio(session, received, sent);
    SSL_set_connect_state(session);
    SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    // addresses are no host names: they have a kind of their own in certificates, and no place in the greeting
    int done = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name) == 1
        || (SSL_set1_host(session, name) == 1 && SSL_set_tlsext_host_name(session, name) == 1);
    ERR_clear_error();
    if (done) return session;
    SSL_free(session);
    return NULL;
}

static inline int card_tls_result(SSL *_Nonnull session, int value) {
    if (value > 0) return CARD_TLS_DONE;
    switch (SSL_get_error(session, value)) {
        case SSL_ERROR_WANT_READ: return CARD_TLS_WANTS_MORE;
        case SSL_ERROR_ZERO_RETURN: return CARD_TLS_CLOSED;
        default: return CARD_TLS_FAILED;
    }
}

static inline int card_tls_handshake(SSL *_Nonnull session) {
    ERR_clear_error();
    return card_tls_result(session, SSL_do_handshake(session));
}

static inline int card_tls_write(SSL *_Nonnull session, const unsigned char *_Nonnull bytes, size_t count) {
    size_t written = 0;
    ERR_clear_error();
    return card_tls_result(session, SSL_write_ex(session, bytes, count, &written));
}

static inline int card_tls_read(
    SSL *_Nonnull session, unsigned char *_Nonnull bytes, size_t count, size_t *_Nonnull done) {
    ERR_clear_error();
    return card_tls_result(session, SSL_read_ex(session, bytes, count, done));
}

static inline void card_tls_close(SSL *_Nonnull session) {
    SSL_shutdown(session);
    ERR_clear_error();
}

// Bytes for the other side; how many.
static inline int card_tls_take(SSL *_Nonnull session, unsigned char *_Nonnull bytes, int room) {
    int count = BIO_read(SSL_get_wbio(session), bytes, room);
    return count > 0 ? count : 0;
}

// Bytes of the other side.
static inline int card_tls_put(SSL *_Nonnull session, const unsigned char *_Nonnull bytes, int count) {
    return BIO_write(SSL_get_rbio(session), bytes, count) == count;
}

// Why the other side's certificate was not accepted; null when it was.
static inline const char *_Nullable card_tls_distrust(SSL *_Nonnull session) {
    long result = SSL_get_verify_result(session);
    return result == X509_V_OK ? NULL : X509_verify_cert_error_string(result);
}

// Whether the last failure is an alert of the other side that our certificate will not do.
static inline int card_tls_refuses_us(void) {
    switch (ERR_GET_REASON(ERR_peek_last_error())) {
        case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
        case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
        case SSL_R_TLSV1_ALERT_DECRYPT_ERROR: return 1;
        default: return 0;
    }
}

// The last failure in the library's words.
static inline const char *_Nonnull card_tls_reason(void) {
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason ? reason : "the connection ended";
}

// When the server's certificate ends, as YYYYMMDDHHMMSS in `text` of 15 bytes.
static inline int card_tls_server_ends(SSL *_Nonnull session, char *_Nonnull text) {
    X509 *certificate = SSL_get0_peer_certificate(session);
    struct tm end;
    if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) return 0;
    return strftime(text, 15, "%Y%m%d%H%M%S", &end) == 14;
}
