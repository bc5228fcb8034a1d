import CardCryptography
import Glibc
import Testing

@Suite struct ProcessMemoryTests {
    @Test func noDumpIsWrittenOnceItIsForbidden() throws {
        try ProcessMemory.forbidDumps()
        var limit = rlimit(rlim_cur: 1, rlim_max: 1)
        #expect(getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0)
        #expect(limit.rlim_cur == 0 && limit.rlim_max == 0)
        // proc(5): a process that must not be dumped has its files in /proc owned by root.
        if geteuid() != 0 {
            var status = stat()
            #expect(stat("/proc/self/mem", &status) == 0)
            #expect(status.st_uid == 0)
        }
    }
}
