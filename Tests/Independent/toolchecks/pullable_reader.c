/* A driver for readers that can be unplugged: reader N is there as long as /sys/devices/usb1/1-N is, and what it holds is told by a copy of vpcd's
 * driver for each, DRIVERS/vpcd-N.so, which waits for a virtual card on port PORT + N.
 *
 * cc -shared -fPIC -I/usr/include/PCSC -DDRIVERS='"FOLDER"' -DPORT=35963 pullable_reader.c -ldl
 *
 * A reader that is gone is answered for as drivers answer for a device that was unplugged, with IFD_NO_SUCH_DEVICE. It has one slot.
 */
#include <dlfcn.h>
#include <ifdhandler.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* By the upper half of the number that the service gives a reader. */
static struct {
    char number;
    void *driver;
} readers[16];

static int is_there(DWORD Lun)
{
    char path[64];
    snprintf(path, sizeof path, "/sys/devices/usb1/1-%c", readers[Lun >> 16 & 15].number);
    return access(path, F_OK) == 0;
}

#define FORWARD(name, types, ...) \
    void *driver = readers[Lun >> 16 & 15].driver; \
    RESPONSECODE (*forward) types = driver ? (RESPONSECODE (*) types) dlsym(driver, name) : NULL; \
    return forward ? forward(Lun & 0xFFFF, __VA_ARGS__) : IFD_COMMUNICATION_ERROR

/* usb:VID/PID:libudev:INTERFACE:/dev/bus/usb/001/00N */
RESPONSECODE IFDHCreateChannelByName(DWORD Lun, LPSTR name)
{
    char path[256], port[32];
    if (!*name) return IFD_NO_SUCH_DEVICE;
    readers[Lun >> 16 & 15].number = name[strlen(name) - 1];
    if (!is_there(Lun)) return IFD_NO_SUCH_DEVICE;
    snprintf(path, sizeof path, DRIVERS "/vpcd-%c.so", readers[Lun >> 16 & 15].number);
    snprintf(port, sizeof port, "/dev/null:0x%X", PORT + readers[Lun >> 16 & 15].number - '0');
    readers[Lun >> 16 & 15].driver = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    FORWARD("IFDHCreateChannelByName", (DWORD, LPSTR), port);
}

RESPONSECODE IFDHCreateChannel(DWORD Lun, DWORD channel)
{
    (void) Lun, (void) channel;
    return IFD_NOT_SUPPORTED;
}

RESPONSECODE IFDHCloseChannel(DWORD Lun)
{
    void *driver = readers[Lun >> 16 & 15].driver;
    RESPONSECODE (*forward)(DWORD) = driver ? (RESPONSECODE (*)(DWORD)) dlsym(driver, "IFDHCloseChannel") : NULL;
    return forward ? forward(Lun & 0xFFFF) : IFD_SUCCESS;
}

RESPONSECODE IFDHGetCapabilities(DWORD Lun, DWORD tag, PDWORD length, PUCHAR value)
{
    if ((tag == TAG_IFD_SLOTS_NUMBER || tag == TAG_IFD_SIMULTANEOUS_ACCESS) && *length >= 1) {
        *length = 1;
        *value = tag == TAG_IFD_SLOTS_NUMBER ? 1 : sizeof readers / sizeof *readers;
        return IFD_SUCCESS;
    }
    FORWARD("IFDHGetCapabilities", (DWORD, DWORD, PDWORD, PUCHAR), tag, length, value);
}

RESPONSECODE IFDHSetCapabilities(DWORD Lun, DWORD tag, DWORD length, PUCHAR value)
{
    FORWARD("IFDHSetCapabilities", (DWORD, DWORD, DWORD, PUCHAR), tag, length, value);
}

RESPONSECODE IFDHSetProtocolParameters(DWORD Lun, DWORD protocol, UCHAR flags, UCHAR a, UCHAR b, UCHAR c)
{
    FORWARD("IFDHSetProtocolParameters", (DWORD, DWORD, UCHAR, UCHAR, UCHAR, UCHAR), protocol, flags, a, b, c);
}

RESPONSECODE IFDHPowerICC(DWORD Lun, DWORD action, PUCHAR atr, PDWORD length)
{
    if (!is_there(Lun)) return IFD_NO_SUCH_DEVICE;
    FORWARD("IFDHPowerICC", (DWORD, DWORD, PUCHAR, PDWORD), action, atr, length);
}

RESPONSECODE IFDHTransmitToICC(
    DWORD Lun, SCARD_IO_HEADER sent, PUCHAR command, DWORD count, PUCHAR answer, PDWORD length, PSCARD_IO_HEADER received)
{
    if (!is_there(Lun)) {
        *length = 0;
        return IFD_NO_SUCH_DEVICE;
    }
    FORWARD("IFDHTransmitToICC", (DWORD, SCARD_IO_HEADER, PUCHAR, DWORD, PUCHAR, PDWORD, PSCARD_IO_HEADER),
        sent, command, count, answer, length, received);
}

RESPONSECODE IFDHICCPresence(DWORD Lun)
{
    if (!is_there(Lun)) return IFD_NO_SUCH_DEVICE;
    RESPONSECODE (*forward)(DWORD) = (RESPONSECODE (*)(DWORD)) dlsym(readers[Lun >> 16 & 15].driver, "IFDHICCPresence");
    return forward ? forward(Lun & 0xFFFF) : IFD_COMMUNICATION_ERROR;
}

RESPONSECODE IFDHControl(
    DWORD Lun, DWORD code, PUCHAR sent, DWORD count, PUCHAR answer, DWORD room, LPDWORD length)
{
    FORWARD("IFDHControl", (DWORD, DWORD, PUCHAR, DWORD, PUCHAR, DWORD, LPDWORD), code, sent, count, answer, room, length);
}
