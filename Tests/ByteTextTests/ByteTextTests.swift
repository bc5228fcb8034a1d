import ByteText
import Testing

@Suite struct HexadecimalTests {
    @Test func writesTwoUpperCaseDigitsPerByte() {
        #expect([UInt8]([0x00, 0x0F, 0xA5, 0xFF]).hexadecimal == "000FA5FF")
        #expect([UInt8]().hexadecimal == "")
        #expect([UInt8]([1, 2, 3])[1...].hexadecimal == "0203")
        #expect(UInt16(0x90).hexadecimal == "0090")
        #expect(UInt8(7).hexadecimal == "07")
    }

    @Test func everyByteIsReadBack() {
        let all = [UInt8](0...255)
        #expect([UInt8](hexadecimal: all.hexadecimal) == all)
        #expect([UInt8](hexadecimal: all.hexadecimal.lowercased()) == all)
    }

    @Test func spacesAndLineBreaksBetweenBytesArePassedOver() {
        #expect([UInt8](hexadecimal: " 00 A4\t04\r\n00 ") == [0x00, 0xA4, 0x04, 0x00])
        #expect([UInt8](hexadecimal: "") == [])
        #expect([UInt8](hexadecimal: "  ") == [])
    }

    @Test(arguments: ["0", "0 0", "00 1", "0G", "G0", "0x00", "00,11", "０0", "-1", "00\u{0}", "0é"])
    func otherTextIsRefused(text: String) {
        #expect([UInt8](hexadecimal: text) == nil)
    }
}

@Suite struct BigEndianTests {
    @Test func theMostSignificantByteComesFirst() {
        #expect(UInt32(0x0102_0304).bigEndianBytes == [1, 2, 3, 4])
        #expect(UInt8(9).bigEndianBytes == [9])
        #expect(UInt16(bigEndianBytes: [0x90, 0x00]) == 0x9000)
        #expect(UInt64(bigEndianBytes: [UInt8](repeating: 0xFF, count: 8)) == .max)
    }

    @Test func anotherNumberOfBytesIsRefused() {
        #expect(UInt32(bigEndianBytes: []) == nil)
        #expect(UInt32(bigEndianBytes: [1, 2, 3]) == nil)
        #expect(UInt32(bigEndianBytes: [1, 2, 3, 4, 5]) == nil)
    }

    @Test func every16BitNumberIsReadBack() {
        for number in UInt16.min...UInt16.max { #expect(UInt16(bigEndianBytes: number.bigEndianBytes) == number) }
    }
}

@Suite struct CountedBytesTests {
    @Test func theNumberStandsBeforeTheBytes() throws {
        var bytes: [UInt8] = [0xAA]
        bytes.appendCounted([1, 2])
        bytes.appendCounted([3], by: UInt16.self)
        bytes.appendCounted([])
        #expect(bytes.hexadecimal == "AA" + "000000020102" + "000103" + "00000000")
        var reader = ByteReader(Array(bytes.dropFirst()))
        #expect(try reader.takeCounted() == [1, 2])
        #expect(try reader.takeCounted(by: UInt16.self) == [3])
        #expect(try reader.takeCounted() == [])
        #expect(reader.remaining == 0)
    }

    /// A number behind which fewer bytes stand is refused, as large as it may be.
    @Test(arguments: ["000000030102", "00000003", "FFFFFFFF01", "000000"])
    func aNumberThatIsTooLargeIsRefused(text: String) throws {
        var reader = ByteReader(try #require([UInt8](hexadecimal: text)))
        #expect(throws: ByteReader.Exhausted.self) { try reader.takeCounted() }
        var wide = ByteReader([UInt8](repeating: 0xFF, count: 16))
        #expect(throws: ByteReader.Exhausted.self) { try wide.takeCounted(by: UInt64.self) }
    }
}

@Suite struct ByteReaderTests {
    @Test func readsFromFrontToBack() throws {
        var reader = ByteReader([1, 2, 3, 4, 5])
        #expect(try reader.take(2) == [1, 2])
        #expect(try reader.takeInteger(UInt16.self) == 0x0304)
        #expect(reader.remaining == 1)
        #expect(reader.offset == 4)
        #expect(try reader.take(0) == [])
        #expect(try reader.takeInteger(UInt8.self) == 5)
        #expect(reader.remaining == 0)
    }

    @Test func aReadPastTheEndTellsWhereItStoppedAndTakesNothing() throws {
        var reader = ByteReader([1, 2, 3])
        _ = try reader.take(1)
        for count in [3, .max, -1, .min] {
            let error = #expect(throws: ByteReader.Exhausted.self) { try reader.take(count) }
            #expect(error?.offset == 1)
        }
        let error = #expect(throws: ByteReader.Exhausted.self) { try reader.takeInteger(UInt32.self) }
        #expect(error?.offset == 1)
        #expect(try reader.take(2) == [2, 3])
    }
}
