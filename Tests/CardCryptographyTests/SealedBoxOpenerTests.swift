import Testing

@testable import CardCryptography

/// Many boxes under one key that is made ready once, beside the one-box functions, whose vectors SealedBoxTests has.
@Suite struct SealedBoxOpenerTests {
    private static let key = (0..<32).map { UInt8($0) }

    @Test func opensWhatWasSealedOneBoxAfterTheOther() throws {
        let opener = try SealedBoxOpener(key: Self.key.span)
        for count in [0, 1, 15, 16, 17, 300] {
            let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
            let box = try SealedBox.seal(plain.span, key: Self.key.span, header: [9, UInt8(count & 0xFF)])
            let opened = try opener.open(box.span, header: [9, UInt8(count & 0xFF)]) { content in
                content.withUnsafeBufferPointer { Array($0) }
            }
            #expect(opened == plain)
        }
    }

    /// A box that was refused leaves nothing behind that the next one would stumble over.
    @Test func everyChangedByteIsRefusedAndTheNextBoxStillOpens() throws {
        let opener = try SealedBoxOpener(key: Self.key.span)
        let box = try SealedBox.seal([1, 2, 3].span, key: Self.key.span, header: [5])
        for place in box.indices {
            var changed = box
            changed[place] ^= 0x10
            #expect(throws: CryptographyError.notAuthentic) {
                try opener.open(changed.span, header: [5]) { $0.count }
            }
            #expect(try opener.open(box.span, header: [5]) { $0.count } == 3)
        }
        #expect(throws: CryptographyError.notAuthentic) { try opener.open(box.span, header: [6]) { $0.count } }
        #expect(throws: CryptographyError.notAuthentic) { try opener.open([0, 1].span, header: [5]) { $0.count } }
        #expect(throws: CryptographyError.wrongLength("key", 31)) {
            try SealedBoxOpener(key: [UInt8](repeating: 1, count: 31).span)
        }
    }
}
