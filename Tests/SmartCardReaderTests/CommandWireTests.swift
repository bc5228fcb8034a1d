import ByteText
import ISO7816
import Testing

@testable import SmartCardReader

/// Expected bytes: ISO/IEC 7816-3:2006 §12.1 (T=1) and §12.2 (T=0), cases 1 to 4 short.
@Suite struct CommandWireTests {
    private func sent(_ text: String, isT0: Bool) throws -> String {
        let bytes = try #require([UInt8](hexadecimal: text))
        let command = try CommandAPDU(bytes: bytes)
        let room = UnsafeMutablePointer<UInt8>.allocate(capacity: 264)
        defer { room.deallocate() }
        room.initialize(repeating: 0xEE, count: 264)
        let count = command.write(to: room, isT0: isT0)
        return Array(UnsafeBufferPointer(start: room, count: count)).hexadecimal
    }

    @Test(arguments: ["00E40000", "0084000008", "00B0000000", "00A40000023F00", "00A40000023F0000"])
    func t1SendsAllCasesAsTheyAre(command: String) throws {
        #expect(try sent(command, isT0: false) == command)
    }

    @Test(arguments: [
        ("00E40000", "00E4000000"), ("0084000008", "0084000008"), ("00B0000000", "00B0000000"),
        ("00A40000023F00", "00A40000023F00"), ("00A40000023F0000", "00A40000023F00"),
    ])
    func t0HasFiveBytesOfHeaderAndNoLengthBehindData(command: String, tpdu: String) throws {
        #expect(try sent(command, isT0: true) == tpdu)
    }

    @Test func theLongestCommandFits() throws {
        let text = "00D60000FF" + String(repeating: "A5", count: 255)
        #expect(try sent(text + "00", isT0: false) == text + "00")
        #expect(try sent(text + "00", isT0: true) == text)
    }
}
