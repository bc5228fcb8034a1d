import ByteText
import ISO7816
import Testing

@Suite struct CommandAPDUTests {
    // The four cases of ISO/IEC 7816-3 §12.1.2; commands of the social security card
    @Test(arguments: [
        ("80440000", 0, nil as Int?), ("0084000008", 0, 8), ("00B2010400", 0, 256), ("00A4000002EF05", 2, nil),
        ("00A404000FD15600000500112233445566778899" + "00", 15, 256),
        ("0082000A1000112233445566778899AABBCCDDEEFF", 16, nil),
    ])
    func readsAllFourCases(text: String, dataCount: Int, expected: Int?) throws {
        let bytes = try #require([UInt8](hexadecimal: text))
        let command = try CommandAPDU(bytes: bytes)
        #expect(command.data.count == dataCount)
        #expect(command.expectedLength == expected)
        #expect(command.header == Array(bytes[..<4]))
        #expect(command.bytes == bytes)
    }

    @Test func everyLengthGoesThereAndBack() throws {
        for count in 0...255 {
            for expected in [nil, 1, 2, 128, 255, 256] as [Int?] {
                let data = [UInt8](repeating: UInt8(count), count: count)
                let command = try CommandAPDU(0x84, 0xDC, 0x01, 0x2C, data: data, expectedLength: expected)
                #expect(try CommandAPDU(bytes: command.bytes) == command)
            }
        }
    }

    @Test func badLengthsAreRefused() throws {
        for count in 0..<4 {
            #expect(throws: CommandAPDU.Malformed.tooShort(count)) {
                try CommandAPDU(bytes: [UInt8](repeating: 0, count: count))
            }
        }
        for text in ["00A400000200", "00A40000020102" + "0304", "00A400000001", "00A4000000000010"] {
            let bytes = try #require([UInt8](hexadecimal: text))
            #expect(throws: CommandAPDU.Malformed.lengthMismatch) { try CommandAPDU(bytes: bytes) }
        }
        #expect(throws: CommandAPDU.Malformed.dataTooLong(256)) {
            try CommandAPDU(0, 0xD6, 0, 0, data: [UInt8](repeating: 0, count: 256))
        }
        for length in [0, 257, -1] {
            #expect(throws: CommandAPDU.Malformed.expectedLengthOutOfRange(length)) {
                try CommandAPDU(0, 0xB0, 0, 0, expectedLength: length)
            }
        }
    }

    @Test func anotherExpectedLengthChangesNothingElse() throws {
        let command = try CommandAPDU(0, 0xA4, 4, 0, data: [1, 2], expectedLength: 256)
        #expect(command.expecting(0x10).bytes.hexadecimal == "00A4040002010210")
        #expect(command.expecting(999).expectedLength == 256)
        #expect(command.expecting(0).expectedLength == 1)
        #expect(command.withoutExpectedLength.bytes.hexadecimal == "00A40400020102")
    }

    @Test func randomBytesAreReadTheSameAgainOrRefused() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            let count = Int.random(in: 0...262, using: &generator)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if count > 5 && Bool.random(using: &generator) { bytes[4] = UInt8(truncatingIfNeeded: count - 5) }
            if let command = try? CommandAPDU(bytes: bytes) { #expect(command.bytes == bytes, "\(bytes.hexadecimal)") }
        }
    }
}

@Suite struct ResponseAPDUTests {
    @Test func dataComesBeforeTheStatusWord() throws {
        let response = try ResponseAPDU(bytes: [0x03, 0x04, 0x33, 0x2E, 0x30, 0x30, 0x90, 0x00])
        #expect(response.data == [0x03, 0x04, 0x33, 0x2E, 0x30, 0x30])
        #expect(response.statusWord.isSuccess)
        #expect(try ResponseAPDU(bytes: response.bytes) == response)
    }

    @Test func tooFewAndTooManyBytesAreRefused() throws {
        for count in [0, 1, 259, 1000] {
            let error = #expect(throws: ResponseAPDU.Malformed.self) {
                try ResponseAPDU(bytes: [UInt8](repeating: 0x90, count: count))
            }
            #expect(error?.count == count)
        }
        for count in [2, 258] {
            #expect(try ResponseAPDU(bytes: [UInt8](repeating: 0x90, count: count)).bytes.count == count)
        }
    }
}
