import ByteText
import CardData
import Foundation
import Lifecycle
import Testing

/// The bytes of `Fixtures/event-v1.hex` were built by `Fixtures/make-event-v1.py`, which shares no code with the package.
@Suite struct EventBytesTests {
    private static let wall: UInt64 = 1_760_000_000_000

    private func golden() throws -> [(name: String, bytes: [UInt8])] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/event-v1.hex")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
            let parts = line.split(separator: ":")
            return (String(parts[0]), try #require([UInt8](hexadecimal: parts[1])))
        }
    }

    private func event(
        _ sequence: UInt64, previous: UInt8?, epoch: UInt64 = 0, clockError: UInt32 = 12, officer: UInt64 = 1001,
        second: UInt64 = 0, card: CardReference?, seen: UInt64, slip: UInt64 = 0, _ act: Act, role: Role,
        secondRole: Role? = nil, proofs: Proofs = [], policy: String = "default-1",
        signature: EventSignature = .coveredByLaterHead
    ) throws -> Event {
        let hash = previous.map { Array(repeating: $0, count: 32) } ?? Array(repeating: 0, count: 32)
        let body = EventBody(act: act, role: role, secondRole: secondRole, proofs: proofs, policyVersion: policy)
        return Event(
            identifier: EventIdentifier(counter: 7, sequence: sequence), previous: try #require(EventHash(bytes: hash)),
            epochSeen: epoch, hybridTime: Self.wall << 16 + sequence - 1, wallMilliseconds: Self.wall,
            clockErrorMilliseconds: clockError, officer: officer, secondPerson: second, card: card, seen: seen,
            kind: act.kind.rawValue, slip: slip, body: body.encoded, signature: signature)
    }

    private func samples() throws -> [Event] {
        let card = try Samples.card()
        let successor = CardReference(
            try IdentificationCode(hexadecimal: "990100D1560000050000000255667788"))
        let person = try Samples.person()
        let blank: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        func bytes(_ text: String) -> [UInt8] { [1] + Array(text.utf8) }
        let record = SealedPerson(
            person: person, sealedNumber: bytes("sealed number"), sealedName: bytes("sealed name"),
            sealedDetails: bytes("sealed details"))
        let byPhone = LossReport(
            channel: .telephone, reporter: .holder, subject: .person, lostSince: Self.wall - 3_600_000)
        return [
            try event(
                1, previous: nil, clockError: Event.clockErrorUnknown, card: nil, seen: 0, .personRegistered(record),
                role: .teller),
            try event(
                2, previous: 0xA5, card: nil, seen: 0, .personLookedUp(person, purpose: .issuing, found: false),
                role: .teller),
            try event(
                3, previous: 0xA6, officer: 1002, card: nil, seen: 0,
                .cardNumberReserved(try CardNumber("D2143569X"), journal: "journal-1"), role: .personalizer),
            try event(
                4, previous: 0xA7, officer: 1002, card: card, seen: 0, .personalized(try Samples.facts()),
                role: .personalizer),
            try event(
                5, previous: 0xA8, officer: 1002, second: 1003, card: card, seen: 4,
                .spoiled(Spoilage(.readBackDiffers, number: nil, blankSerial: blank)), role: .personalizer,
                secondRole: .supervisor),
            try event(
                6, previous: 0xA9, card: card, seen: 4, slip: 31, .handedOver, role: .teller,
                proofs: [.identityDocument, .signature]),
            try event(
                7, previous: 0xAA, card: card, seen: 6, .enabled, role: .teller, proofs: [.cardRead, .pinChanged]),
            try event(
                8, previous: 0xAB, epoch: 3, officer: 1004, card: card, seen: 7, slip: 32, .temporaryLoss(byPhone),
                role: .callCentre),
            try event(
                9, previous: 0xAC, epoch: 3, card: card, seen: 8, slip: 33,
                .formalLoss(LossReport(channel: .counter, reporter: .agent)), role: .teller,
                proofs: [.identityDocument, .agentDocument]),
            try event(
                10, previous: 0xAD, epoch: 3, second: 1003, card: card, seen: 9, .held(.court), role: .teller,
                secondRole: .supervisor, proofs: .paper),
            try event(11, previous: 0xAE, epoch: 3, card: card, seen: 10, .pinLocked, role: .teller),
            try event(
                12, previous: 0xAF, epoch: 3, second: 1003, card: card, seen: 11, slip: 34,
                .released([EventIdentifier(counter: 7, sequence: 9), EventIdentifier(counter: 7, sequence: 8)]),
                role: .teller, secondRole: .supervisor, proofs: [.identityDocument, .cardRead]),
            try event(
                13, previous: 0xB0, epoch: 3, second: 1003, card: card, seen: 12, slip: 35,
                .replaced(successor: successor, reason: .lost), role: .teller, secondRole: .supervisor,
                proofs: [.identityDocument, .feeSettled], signature: .p256(Array(0..<64))),
            try event(
                14, previous: 0xB1, epoch: 3, second: 1003, card: successor, seen: 0, slip: 36, .cancelled(.death),
                role: .teller, secondRole: .supervisor, proofs: .paper, policy: "甲市-2",
                signature: .sm2(Array(64..<128))),
        ] + (try laterSamples())
    }

    /// The kinds that came later, in the order of their numbers.
    private func laterSamples() throws -> [Event] {
        let card = try Samples.card()
        let successor = CardReference(try IdentificationCode(hexadecimal: "990100D1560000050000000255667788"))
        let earlier = EventIdentifier(counter: 7, sequence: 8)
        let onCard: [Act] = [
            .dispatched, .arrived, .missing, .recovered(.found), .destroyed, .givenBack,
            .dataChanged(["phone", "address"]), .ranOut(earlier, .release), .seenBlocked,
            .cancellationConfirmed(earlier), .unclaimed, .expired, .duplicate(of: successor),
            .pinServed(.change, ticket: ""), .pinServed(.reset, ticket: "工单 17"),
            .corrected(Correction(of: earlier, kind: .enabled, reason: .wrongCard)),
        ]
        // What came later stands behind all that there was, so that no byte of before moves.
        let late: Set<Transition> = [
            .destroyStock, .returnStock, .installModule, .takeOutModule, .undoCollection,
        ]
        let acts = try Samples.officeActs(earlier)
        let office = acts.filter { !late.contains($0.0) }.map(\.1)
        let latest: [Act] = [
            .chipEnded(.silent), .feeAnswered(FeeAnswer(.carriedOver, issue: "00112233AABBCCDD", fen: 1600)),
        ]
        let all =
            onCard.map { ($0, Optional(card)) } + office.map { ($0, nil) } + latest.map { ($0, Optional(card)) }
            + acts.filter { late.contains($0.0) && $0.0 != .undoCollection }.map { ($0.1, nil) }
            + [(.held(.court, until: try CardDate("20270131")), card)]
            + acts.filter { $0.0 == .undoCollection }.map { ($0.1, nil) } + (try laterFields(card, earlier))
        return try all.enumerated().map { index, entry in
            try event(
                UInt64(15 + index), previous: 0xB2, epoch: 3, card: entry.1, seen: 0, entry.0, role: .teller,
                proofs: .paper)
        }
    }

    /// Fields that kinds got later.
    private func laterFields(_ card: CardReference, _ earlier: EventIdentifier) throws -> [(Act, CardReference?)] {
        let corrected = Correction(of: earlier, kind: .handedOver, reason: .wrongCard, before: .personalized)
        let restoration = Restoration(
            manifest: Array(repeating: 0x5A, count: 32), newestKnown: 48,
            withheld: [
                try CardNumberRange(letter: "D", first: 100, last: 1099),
                try CardNumberRange(letter: "E", first: 7, last: 7),
            ])
        return [
            (.corrected(corrected), card), (.registryRestored(try #require(restoration)), nil),
            (.migrated(layout: "national-3.0", profile: "fmcos-ssse-sm4"), card),
        ]
    }

    /// A place that goes without saying is not written, and not read.
    @Test func aCorrectionNamesOnlyAPlaceThatDoesNotGoWithoutSaying() throws {
        let handling: [UInt8] = [0x01, 0, 1, 1, 0x03, 0, 2, 0, 0, 0x04, 0, 1, 0x31]
        func body(_ kind: ActKind, _ place: String) -> [UInt8] {
            handling + [0x30, 0, 1, 1, 0x39, 0, 16] + EventIdentifier(counter: 7, sequence: 8).bytes + [0x3A, 0, 2]
                + kind.rawValue.bigEndianBytes + [0x3F, 0, UInt8(place.utf8.count)] + Array(place.utf8)
        }
        let named = try EventBody(kind: .corrected, encoded: body(.recovered, "in-transit"))
        #expect(
            named.act
                == .corrected(
                    Correction(
                        of: EventIdentifier(counter: 7, sequence: 8), kind: .recovered, reason: .wrongCard,
                        before: .inTransit)))
        for (kind, place) in [(ActKind.recovered, "with-holder"), (.enabled, "with-holder"), (.recovered, "nowhere")] {
            #expect(throws: EventFormatError.fieldValue(0x3F)) {
                try EventBody(kind: .corrected, encoded: body(kind, place))
            }
        }
    }

    @Test func everyKindOfActHasTheBytesOfTheGoldenFile() throws {
        let golden = try golden()
        let samples = try samples()
        #expect(golden.count == samples.count)
        #expect(Set(samples.map(\.kind)) == Set(ActKind.allCases.map(\.rawValue)))
        for (expected, sample) in zip(golden, samples) {
            #expect(sample.encoded.hexadecimal == expected.bytes.hexadecimal, "\(expected.name)")
        }
    }

    @Test func theGoldenBytesReadBackAsTheSameEventsAndActs() throws {
        for (expected, sample) in zip(try golden(), try samples()) {
            let read = try Event(encoded: expected.bytes)
            #expect(read == sample)
            let body = try read.readBody()
            #expect(body.encoded == sample.body)
            #expect(body.act.kind.rawValue == sample.kind)
        }
    }

    @Test func cutOrLengthenedBytesAreRefused() throws {
        for (name, bytes) in try golden() {
            for length in 0..<bytes.count {
                #expect(throws: EventFormatError.self, "\(name) cut to \(length)") {
                    try Event(encoded: Array(bytes.prefix(length)))
                }
            }
            #expect(throws: EventFormatError.trailingBytes(1)) { try Event(encoded: bytes + [0]) }
        }
    }

    @Test func anotherMagicAndLengthsOverOneMebibyteAreRefused() throws {
        var bytes = try golden()[0].bytes
        bytes[3] = UInt8(ascii: "2")
        #expect(throws: EventFormatError.magic) { try Event(encoded: bytes) }
        bytes = try golden()[0].bytes
        bytes.replaceSubrange(4..<8, with: UInt32(0xFFFF_FFFF).bigEndianBytes)
        #expect(throws: EventFormatError.tooLong(0xFFFF_FFFF)) { try Event(encoded: bytes) }
        let huge = Array("SCE1".utf8) + UInt32(1 << 20).bigEndianBytes + Array(repeating: 0, count: 1 << 20)
        #expect(throws: EventFormatError.tooLong(huge.count)) { try Event(encoded: huge) }
    }

    @Test func aSignatureThatDoesNotFitItsAlgorithmIsRefused() throws {
        let unsigned = try golden()[0].bytes
        var bytes = unsigned
        bytes[bytes.count - 3] = 1
        #expect(throws: EventFormatError.signatureForm(1)) { try Event(encoded: bytes) }
        bytes[bytes.count - 3] = 9
        #expect(throws: EventFormatError.signatureForm(9)) { try Event(encoded: bytes) }
    }

    @Test func everySingleChangedBodyByteIsRefusedOrReadsAsAnotherBody() throws {
        for sample in try samples() {
            let kind = try #require(ActKind(rawValue: sample.kind))
            let original = try EventBody(kind: kind, encoded: sample.body)
            for position in sample.body.indices {
                var body = sample.body
                body[position] ^= 0x01
                if let read = try? EventBody(kind: kind, encoded: body) {
                    #expect(read != original)
                    #expect(read.encoded == body, "only one form of a body is taken")
                }
            }
        }
    }

    @Test func fieldsOutOfOrderTwiceMissingOrForeignAreRefused() throws {
        let role: [UInt8] = [0x01, 0, 1, 1]
        let proofs: [UInt8] = [0x03, 0, 2, 0, 0]
        let policy: [UInt8] = [0x04, 0, 1, 0x31]
        #expect(try EventBody(kind: .handedOver, encoded: role + proofs + policy).act == .handedOver)
        #expect(throws: EventFormatError.fieldOrder(0x01)) {
            try EventBody(kind: .handedOver, encoded: proofs + role + policy)
        }
        #expect(throws: EventFormatError.fieldOrder(0x01)) {
            try EventBody(kind: .handedOver, encoded: role + role + proofs + policy)
        }
        #expect(throws: EventFormatError.fieldMissing(0x03)) {
            try EventBody(kind: .handedOver, encoded: role + policy)
        }
        #expect(throws: EventFormatError.fieldUnknown(0x30)) {
            try EventBody(kind: .handedOver, encoded: role + proofs + policy + [0x30, 0, 1, 1])
        }
        #expect(throws: EventFormatError.fieldValue(0x30)) {
            try EventBody(kind: .cancelled, encoded: role + proofs + policy + [0x30, 0, 1, 0xEE])
        }
    }

    @Test func aCardActWithoutACardAndAPersonActWithOneAreRefused() throws {
        var samples = try samples()
        samples[0].card = try Samples.card()
        #expect(throws: EventFormatError.cardReference) { try samples[0].readBody() }
        samples[6].card = nil
        #expect(throws: EventFormatError.cardReference) { try samples[6].readBody() }
        samples[6].kind = 0x7777
        #expect(throws: EventFormatError.kindUnknown(0x7777)) { try samples[6].readBody() }
    }

    @Test func whatIsSignedIsEveryByteBeforeTheSignature() throws {
        for (name, bytes) in try golden() where name.contains("signed with") {
            let event = try Event(encoded: bytes)
            let signed = event.bytesToSign(algorithm: event.signature.algorithm, signatureLength: 64)
            #expect(signed == Array(bytes.dropLast(64)), "\(name)")
        }
    }
}
