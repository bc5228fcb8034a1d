// What SM2 needs beyond signatures: enciphering (GM/T 0003.4) through EVP, and the key exchange (GM/T 0003.3), which OpenSSL 3.0
// does not offer and which is written out here over its curve arithmetic.
// All functions answer 1 when they have done their work and 0 when not, unless they say otherwise.
#pragma once
#include "shim.h"
#include <openssl/bn.h>
#include <openssl/obj_mac.h>

// Enciphers into or deciphers from SEQUENCE{x, y, C3, C2}; answers the length written, 0 when it failed.
static inline size_t card_sm2_crypt(
    EVP_PKEY *key, int encrypt, const unsigned char *input, size_t length, unsigned char *output, size_t size) {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    size_t needed = 0;
    int done = context && (encrypt ? EVP_PKEY_encrypt_init(context) : EVP_PKEY_decrypt_init(context)) == 1
        && (encrypt ? EVP_PKEY_encrypt(context, NULL, &needed, input, length)
                    : EVP_PKEY_decrypt(context, NULL, &needed, input, length)) == 1
        && needed <= size;
    if (done)
        done = (encrypt ? EVP_PKEY_encrypt(context, output, &needed, input, length)
                        : EVP_PKEY_decrypt(context, output, &needed, input, length)) == 1;
    EVP_PKEY_CTX_free(context);
    return done ? needed : 0;
}

// The point of a scalar of 32 bytes, 04 ‖ x ‖ y.
static inline int card_sm2_point(const unsigned char *scalar, unsigned char *point) {
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_sm2);
    BIGNUM *number = BN_secure_new();
    EC_POINT *place = group ? EC_POINT_new(group) : NULL;
    int done = number && place && BN_bin2bn(scalar, 32, number)
        && EC_POINT_mul(group, place, number, NULL, NULL, NULL) == 1
        && EC_POINT_point2oct(group, place, POINT_CONVERSION_UNCOMPRESSED, point, 65, NULL) == 65;
    EC_POINT_free(place);
    BN_clear_free(number);
    EC_GROUP_free(group);
    return done;
}

// 2^127 + (x mod 2^127) of a point, as the key exchange weighs a random point.
static inline int card_sm2_weight(const EC_GROUP *group, const EC_POINT *point, BIGNUM *weight, BN_CTX *work) {
    return EC_POINT_get_affine_coordinates(group, point, weight, NULL, work) == 1
        && (BN_num_bits(weight) <= 127 || BN_mask_bits(weight, 127) == 1) && BN_set_bit(weight, 127) == 1;
}

// The common point of a key exchange, x ‖ y, from the own scalars (lasting and random, 32 bytes each) and the other side's points
// (lasting and random, 65 bytes each).
static inline int card_sm2_exchange(
    const unsigned char *lasting, const unsigned char *random, const unsigned char *other,
    const unsigned char *other_random, unsigned char *common) {
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_sm2);
    BN_CTX *work = BN_CTX_secure_new();
    BIGNUM *d = BN_secure_new(), *r = BN_secure_new(), *t = BN_secure_new();
    BIGNUM *own_weight = BN_new(), *other_weight = BN_new(), *x = BN_new(), *y = BN_new();
    EC_POINT *own_point = group ? EC_POINT_new(group) : NULL, *p = group ? EC_POINT_new(group) : NULL;
    EC_POINT *q = group ? EC_POINT_new(group) : NULL, *u = group ? EC_POINT_new(group) : NULL;
    int done = work && d && r && t && own_weight && other_weight && x && y && own_point && p && q && u
        && BN_bin2bn(lasting, 32, d) && BN_bin2bn(random, 32, r)
        && EC_POINT_oct2point(group, p, other, 65, work) == 1
        && EC_POINT_oct2point(group, q, other_random, 65, work) == 1
        && EC_POINT_mul(group, own_point, r, NULL, NULL, work) == 1
        && card_sm2_weight(group, own_point, own_weight, work) && card_sm2_weight(group, q, other_weight, work)
        && BN_mod_mul(t, own_weight, r, EC_GROUP_get0_order(group), work) == 1
        && BN_mod_add(t, t, d, EC_GROUP_get0_order(group), work) == 1
        && EC_POINT_mul(group, u, NULL, q, other_weight, work) == 1 && EC_POINT_add(group, u, u, p, work) == 1
        && EC_POINT_mul(group, u, NULL, u, t, work) == 1 && EC_POINT_is_at_infinity(group, u) == 0
        && EC_POINT_get_affine_coordinates(group, u, x, y, work) == 1 && BN_bn2binpad(x, common, 32) == 32
        && BN_bn2binpad(y, common + 32, 32) == 32;
    EC_POINT_clear_free(u);
    EC_POINT_free(q);
    EC_POINT_free(p);
    EC_POINT_free(own_point);
    BN_clear_free(y);
    BN_clear_free(x);
    BN_free(other_weight);
    BN_free(own_weight);
    BN_clear_free(t);
    BN_clear_free(r);
    BN_clear_free(d);
    BN_CTX_free(work);
    EC_GROUP_free(group);
    return done;
}
