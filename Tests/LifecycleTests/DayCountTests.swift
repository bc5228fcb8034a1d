import CardData
import Lifecycle
import Testing

/// The bytes of a day's count, however many pieces it has.
@Suite struct DayCountTests {
    /// Each field holds two thousand pieces; what is more stands in fields 80 to 8F, four for each kind, in the order of the kinds.
    @Test(arguments: [1, 2000, 2001, 4000, 9999, 10_000])
    func aCountOfManyPiecesStandsInSeveralFieldsAndReadsBack(count: Int) throws {
        func pieces(_ first: UInt8) throws -> ChipSerials {
            try #require(
                ChipSerials(
                    (0..<count).map { [first, UInt8($0 >> 8), UInt8($0 & 0xFF)] }, atMost: ChipSerials.countLimit))
        }
        let day = DayCount(
            day: 20_261_128, owner: 1, counted: [.blank: try pieces(0x90), .spoiled: try pieces(0x91)])
        let body = EventBody(
            act: .dayClosed(day), role: .stockKeeper, secondRole: .supervisor, proofs: [], policyVersion: "p")
        var (fields, rest) = ([UInt8: Int](), body.encoded[...])
        while let tag = rest.first {
            let length = Int(rest[rest.startIndex + 1]) << 8 | Int(rest[rest.startIndex + 2])
            fields[tag] = length / 4
            rest = rest.dropFirst(3 + length)
        }
        let parts = stride(from: 0, to: count, by: 2000).map { min(2000, count - $0) }
        #expect(fields[0x66] == parts[0] && fields[0x68] == parts[0])
        for (index, part) in parts.dropFirst().enumerated() {
            #expect(fields[0x80 + UInt8(index)] == part && fields[0x88 + UInt8(index)] == part)
        }
        #expect(fields.keys.count { $0 >= 0x80 } == 2 * (parts.count - 1))
        #expect(try EventBody(kind: .dayClosed, encoded: body.encoded) == body)
    }

    @Test func aCountHasTenThousandPiecesAKindAndOneFormForEach() throws {
        let many = (0..<10_001).map { [0x90, UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        #expect(ChipSerials(many, atMost: ChipSerials.countLimit) == nil)
        #expect(ChipSerials(Array(many.prefix(2001))) == nil, "a move has no more than two thousand")
        let count = DayCount(day: 20_261_128, owner: 1, counted: [.blank: try Samples.serials(1)])
        let body = EventBody(act: .dayClosed(count), role: .teller, secondRole: nil, proofs: [], policyVersion: "p")
        // A part behind one that is not full is another form of the same count.
        #expect(throws: EventFormatError.fieldValue(0x80)) {
            try EventBody(kind: .dayClosed, encoded: body.encoded + [0x80, 0, 3, 2, 0x99, 2])
        }
    }
}
