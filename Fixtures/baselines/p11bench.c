/*
 * p11bench.c - card-key derivation and MACs through PKCS#11 (any module; measured with SoftHSM2).
 *
 *   gcc -O2 -Wall -o p11bench p11bench.c $(pkg-config --cflags p11-kit-1) -ldl
 *   SOFTHSM2_CONF=... ./p11bench MODULE.so USER-PIN [seconds [runs [LINE]]]
 *
 * The first initialised token is used. Keys are session objects, sensitive and not extractable
 * unless the line says otherwise. Figures: median operations per second of thread CPU time. LINE: that line alone.
 */
#define _GNU_SOURCE
#include <p11-kit/pkcs11.h>
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifndef CKM_DES3_CMAC
#define CKM_DES3_CMAC 0x138UL
#endif
#ifndef CKM_AES_CMAC
#define CKM_AES_CMAC 0x108AUL
#endif
static CK_FUNCTION_LIST *F; static CK_SESSION_HANDLE S; static double secs=0.5; static int runs=7;
static double cpu(void){ struct timespec t; clock_gettime(CLOCK_THREAD_CPUTIME_ID,&t); return t.tv_sec+t.tv_nsec*1e-9; }
static int dcmp(const void*a,const void*b){ double x=*(double*)a,y=*(double*)b; return x<y?-1:x>y; }
static void ck(CK_RV r,const char*w){ if(r){ fprintf(stderr,"%s: 0x%lx\n",w,(unsigned long)r); exit(1);} }
static void blk(uint64_t i,unsigned char*b){ for(int k=7;k>=0;k--){ b[k]=(unsigned char)i; i>>=8; } for(int k=0;k<8;k++) b[8+k]=(unsigned char)~b[k]; }
static CK_OBJECT_HANDLE mk_des2,mk_des3,mk_aes; static volatile unsigned char sink;
static CK_BBOOL T=CK_TRUE,N=CK_FALSE;
static CK_OBJECT_HANDLE imp(CK_KEY_TYPE kt,unsigned char*v,CK_ULONG n,CK_BBOOL tok,CK_BBOOL ext){ CK_OBJECT_CLASS c=CKO_SECRET_KEY; CK_BBOOL sens=ext?CK_FALSE:CK_TRUE; CK_ATTRIBUTE a[]={{CKA_CLASS,&c,sizeof c},{CKA_KEY_TYPE,&kt,sizeof kt},{CKA_TOKEN,&tok,1},{CKA_PRIVATE,&T,1},{CKA_SENSITIVE,&sens,1},{CKA_EXTRACTABLE,&ext,1},{CKA_ENCRYPT,&T,1},{CKA_DERIVE,&T,1},{CKA_SIGN,&T,1},{CKA_WRAP,&T,1},{CKA_VALUE,v,n}}; CK_OBJECT_HANDLE h=0; CK_RV r=F->C_CreateObject(S,a,sizeof a/sizeof*a,&h); if(r) fprintf(stderr,"import type 0x%lx: 0x%lx\n",(unsigned long)kt,(unsigned long)r); return h; }
static int enc(CK_MECHANISM_TYPE m,CK_OBJECT_HANDLE k,unsigned char*in,CK_ULONG n,unsigned char*out){ CK_MECHANISM x={m,NULL,0}; CK_ULONG o=64; CK_RV r; if((r=F->C_EncryptInit(S,&x,k))) return (int)r; r=F->C_Encrypt(S,in,n,out,&o); return (int)r; }
static int e_des2(uint64_t i){ unsigned char b[16],o[64]; blk(i,b); int r=enc(CKM_DES3_ECB,mk_des2,b,16,o); sink^=o[0]; return r; }
static int e_des3(uint64_t i){ unsigned char b[16],o[64]; blk(i,b); int r=enc(CKM_DES3_ECB,mk_des3,b,16,o); sink^=o[0]; return r; }
static int e_aes(uint64_t i){ unsigned char b[16],o[64]; blk(i,b); int r=enc(CKM_AES_ECB,mk_aes,b,16,o); sink^=o[0]; return r; }
/* one open operation, many C_EncryptUpdate calls: the PKCS#11 way of keeping a context */
static int opened=0;
static int upd(CK_MECHANISM_TYPE m,CK_OBJECT_HANDLE k,uint64_t i){ CK_MECHANISM x={m,NULL,0}; unsigned char b[16],o[64]; CK_ULONG n=64; CK_RV r; if(!opened){ if((r=F->C_EncryptInit(S,&x,k))) return (int)r; opened=1; } blk(i,b); r=F->C_EncryptUpdate(S,b,16,o,&n); sink^=o[0]; return (int)r; }
static int u_des2(uint64_t i){ return upd(CKM_DES3_ECB,mk_des2,i); }
static int u_aes(uint64_t i){ return upd(CKM_AES_ECB,mk_aes,i); }
static int done_upd(void){ unsigned char o[64]; CK_ULONG n=64; if(opened) F->C_EncryptFinal(S,o,&n); opened=0; return 0; }
static unsigned char big[65536],bigo[65600];
static int b_enc(CK_MECHANISM_TYPE m,CK_OBJECT_HANDLE k,uint64_t i){ CK_MECHANISM x={m,NULL,0}; CK_ULONG o=sizeof bigo; CK_RV r; for(int q=0;q<256;q++) blk(i*256+q,big+16*q); if((r=F->C_EncryptInit(S,&x,k))) return (int)r; r=F->C_Encrypt(S,big,4096,bigo,&o); sink^=bigo[0]; return (int)r; }
static int b_des2(uint64_t i){ return b_enc(CKM_DES3_ECB,mk_des2,i); }
static int b_aes(uint64_t i){ return b_enc(CKM_AES_ECB,mk_aes,i); }
static CK_RV derive(CK_MECHANISM_TYPE m,CK_OBJECT_HANDLE k,CK_KEY_TYPE kt,unsigned char*b,CK_ULONG n,CK_BBOOL ext,CK_OBJECT_HANDLE*h){ CK_KEY_DERIVATION_STRING_DATA d={b,n}; CK_MECHANISM x={m,&d,sizeof d}; CK_OBJECT_CLASS c=CKO_SECRET_KEY; CK_BBOOL sens=!ext; CK_ULONG vl=n; CK_ATTRIBUTE a[]={{CKA_CLASS,&c,sizeof c},{CKA_KEY_TYPE,&kt,sizeof kt},{CKA_TOKEN,&N,1},{CKA_SENSITIVE,&sens,1},{CKA_EXTRACTABLE,&ext,1},{CKA_ENCRYPT,&T,1},{CKA_DERIVE,&T,1},{CKA_SIGN,&T,1},{CKA_VALUE_LEN,&vl,sizeof vl}}; CK_ULONG na=sizeof a/sizeof*a; if(kt==CKK_DES2||kt==CKK_DES3) na--; return F->C_DeriveKey(S,&x,k,a,na,h); }
static int d_des2(uint64_t i){ unsigned char b[16]; CK_OBJECT_HANDLE h; blk(i,b); CK_RV r=derive(CKM_DES3_ECB_ENCRYPT_DATA,mk_des2,CKK_DES2,b,16,CK_FALSE,&h); if(r) return (int)r; return (int)F->C_DestroyObject(S,h); }
static int d_aes(uint64_t i){ unsigned char b[16]; CK_OBJECT_HANDLE h; blk(i,b); CK_RV r=derive(CKM_AES_ECB_ENCRYPT_DATA,mk_aes,CKK_AES,b,16,CK_FALSE,&h); if(r) return (int)r; return (int)F->C_DestroyObject(S,h); }
/* derive inside, then MAC 40/48 bytes with the derived key inside, then destroy: the key never leaves */
static int sign(CK_MECHANISM_TYPE m,CK_OBJECT_HANDLE k,unsigned char*in,CK_ULONG n){ CK_MECHANISM x={m,NULL,0}; unsigned char o[64]; CK_ULONG l=64; CK_RV r; if((r=F->C_SignInit(S,&x,k))) return (int)r; r=F->C_Sign(S,in,n,o,&l); sink^=o[0]; return (int)r; }
static unsigned char msg[48]={0x04,0xd6,0x95,0,36};
static int dm_des(uint64_t i){ unsigned char b[16]; CK_OBJECT_HANDLE h; blk(i,b); CK_RV r=derive(CKM_DES3_ECB_ENCRYPT_DATA,mk_des2,CKK_DES2,b,16,CK_FALSE,&h); if(r) return (int)r; int q=sign(CKM_DES3_CMAC,h,msg,37); F->C_DestroyObject(S,h); return q; }
static int dm_aes(uint64_t i){ unsigned char b[16]; CK_OBJECT_HANDLE h; blk(i,b); CK_RV r=derive(CKM_AES_ECB_ENCRYPT_DATA,mk_aes,CKK_AES,b,16,CK_FALSE,&h); if(r) return (int)r; int q=sign(CKM_AES_CMAC,h,msg,37); F->C_DestroyObject(S,h); return q; }
static int m_des(uint64_t i){ (void)i; return sign(CKM_DES3_CMAC,mk_des2,msg,37); }
static int m_aes(uint64_t i){ (void)i; return sign(CKM_AES_CMAC,mk_aes,msg,37); }
static double run1(int(*f)(uint64_t),int*err){ uint64_t n=0; double t0=cpu(),t; do{ for(int k=0;k<32;k++){ int r=f(n++); if(r){ *err=r; return 0; } } t=cpu()-t0; }while(t<secs); return n/t; }
static const char*only;
static void bench(const char*name,int(*f)(uint64_t),double scale){ if(only&&strcmp(only,name)) return; double r[32]; int e=0; run1(f,&e); if(e){ printf("%-40s not usable: CKR 0x%lx\n",name,(unsigned long)e); return; } for(int i=0;i<runs;i++) r[i]=run1(f,&e)*scale; qsort(r,runs,sizeof(double),dcmp); printf("%-40s %12.0f /s   (min %.0f max %.0f)\n",name,r[runs/2],r[0],r[runs-1]); fflush(stdout); }
static void show(const char*n,const unsigned char*b,int l){ printf("%s ",n); for(int i=0;i<l;i++) printf("%02x",b[i]); puts(""); }
int main(int ac,char**av){ if(ac<3){ fprintf(stderr,"usage: p11bench MODULE PIN [seconds [runs]]\n"); return 2; } if(ac>3) secs=atof(av[3]); if(ac>4) runs=atoi(av[4]); if(ac>5) only=av[5];
    void*h=dlopen(av[1],RTLD_NOW); if(!h){ fprintf(stderr,"%s\n",dlerror()); return 1; } CK_RV(*gfl)(CK_FUNCTION_LIST**)=dlsym(h,"C_GetFunctionList"); ck(gfl(&F),"GetFunctionList"); ck(F->C_Initialize(NULL),"Initialize");
    CK_SLOT_ID sl[16]; CK_ULONG n=16; ck(F->C_GetSlotList(CK_TRUE,sl,&n),"slots"); ck(F->C_OpenSession(sl[0],CKF_SERIAL_SESSION|CKF_RW_SESSION,NULL,NULL,&S),"session"); ck(F->C_Login(S,CKU_USER,(unsigned char*)av[2],strlen(av[2])),"login");
    CK_MECHANISM_TYPE mt[512]; CK_ULONG nm=512; F->C_GetMechanismList(sl[0],mt,&nm); printf("mechanisms: %lu;",nm); CK_MECHANISM_TYPE want[]={CKM_DES_ECB,CKM_DES3_ECB,CKM_DES3_CBC,CKM_DES3_MAC,CKM_DES3_CMAC,CKM_DES_ECB_ENCRYPT_DATA,CKM_DES3_ECB_ENCRYPT_DATA,CKM_DES3_CBC_ENCRYPT_DATA,CKM_AES_ECB,CKM_AES_CMAC,CKM_AES_ECB_ENCRYPT_DATA,CKM_AES_KEY_WRAP,CKM_AES_KEY_WRAP_PAD,CKM_AES_GCM,CKM_ECDSA}; const char*wn[]={"DES_ECB","DES3_ECB","DES3_CBC","DES3_MAC","DES3_CMAC","DES_ECB_ENCRYPT_DATA","DES3_ECB_ENCRYPT_DATA","DES3_CBC_ENCRYPT_DATA","AES_ECB","AES_CMAC","AES_ECB_ENCRYPT_DATA","AES_KEY_WRAP","AES_KEY_WRAP_PAD","AES_GCM","ECDSA"}; int vend=0; for(unsigned q=0;q<15;q++){ int y=0; for(CK_ULONG k=0;k<nm;k++) if(mt[k]==want[q]) y=1; printf(" %s%s",y?"":"!",wn[q]); } for(CK_ULONG k=0;k<nm;k++) if(mt[k]>=CKM_VENDOR_DEFINED) vend++; printf("; vendor-defined %d\n",vend);
    unsigned char v[24]={0x01,0x23,0x45,0x67,0x89,0xab,0xcd,0xef,0xfe,0xdc,0xba,0x98,0x76,0x54,0x32,0x10,0x01,0x23,0x45,0x67,0x89,0xab,0xcd,0xef};
    mk_des2=imp(CKK_DES2,v,16,CK_FALSE,CK_FALSE); mk_des3=imp(CKK_DES3,v,24,CK_FALSE,CK_FALSE); mk_aes=imp(CKK_AES,v,16,CK_FALSE,CK_FALSE);
    /* check derive == encrypt, with an extractable derived key */
    { unsigned char b[16],o[64]; blk(0x5678123456789101ULL,b); if(mk_des2){ int r=enc(CKM_DES3_ECB,mk_des2,b,16,o); if(r) printf("DES2 encrypt: 0x%x\n",r); else show("3DES Enc(MK,F||~F)  ",o,16); CK_OBJECT_HANDLE dk; CK_OBJECT_HANDLE mx=imp(CKK_DES2,v,16,CK_FALSE,CK_TRUE); CK_RV q=derive(CKM_DES3_ECB_ENCRYPT_DATA,mx,CKK_DES2,b,16,CK_TRUE,&dk); if(q) printf("DeriveKey: 0x%lx\n",(unsigned long)q); else { unsigned char g[64]; CK_ATTRIBUTE a={CKA_VALUE,g,64}; q=F->C_GetAttributeValue(S,dk,&a,1); if(!q) show("3DES DeriveKey value ",g,(int)a.ulValueLen); else printf("read: 0x%lx\n",(unsigned long)q); } } }
    bench("p11.3des.C_Encrypt16 (CKK_DES2)",e_des2,1); bench("p11.3des.C_Encrypt16 (CKK_DES3)",e_des3,1); bench("p11.3des.C_EncryptUpdate16 open op",u_des2,1); done_upd(); bench("p11.3des.C_Encrypt batch256",b_des2,256); bench("p11.3des.C_DeriveKey+Destroy",d_des2,1);
    bench("p11.aes.C_Encrypt16",e_aes,1); bench("p11.aes.C_EncryptUpdate16 open op",u_aes,1); done_upd(); bench("p11.aes.C_Encrypt batch256",b_aes,256); bench("p11.aes.C_DeriveKey+Destroy",d_aes,1);
    bench("p11.3des.CMAC37 same key",m_des,1); bench("p11.aes.CMAC37 same key",m_aes,1); bench("p11.3des.Derive+CMAC37+Destroy",dm_des,1); bench("p11.aes.Derive+CMAC37+Destroy",dm_aes,1);
    /* the same with the master key as a token object on disk */
    mk_des2=imp(CKK_DES2,v,16,CK_TRUE,CK_FALSE); mk_aes=imp(CKK_AES,v,16,CK_TRUE,CK_FALSE); bench("p11.3des.C_Encrypt16 token-object key",e_des2,1); bench("p11.3des.C_DeriveKey token-object key",d_des2,1); bench("p11.aes.C_Encrypt16 token-object key",e_aes,1); F->C_DestroyObject(S,mk_des2); F->C_DestroyObject(S,mk_aes);
    F->C_Finalize(NULL); return 0; }
