import ByteText
import CardApplication
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Testing

@Suite struct CardConversationTests {
    private static let first = "1122334455667788"
    private static let second = "99AABBCCDDEEFF01"
    private let challenge = CardOperation.fixed(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 0x08))
    private let session = CardOperation.authenticate(issuer("UKSSSE"), identifier: 0x04, form: .session)
    private let plain = CardOperation.authenticate(issuer("UKSSSE"), identifier: 0x04, form: .plain)

    private func select() throws -> CardOperation {
        .fixed(try CommandAPDU(0x00, 0xA4, 0x00, 0x00, data: [0x3F, 0x00]))
    }

    // MARK: - Challenges

    /// The newest is the factor, the one before it the original information, or the other way round (card.md §2.2).
    @Test(arguments: [("newest-is-factor", second + first), ("newest-is-original", first + second)])
    func theLastTwoChallengesGoInTheProfilesOrder(order: String, data: String) throws {
        let card = try ScriptedChannel(["01010101010101019000", Self.first + "9000", Self.second + "9000", "9000"])
        let conversation = try CardSite.conversation(
            card, profile: CardSite.variant("challengeOrder: \(order)"))
        for _ in 0..<3 { try conversation.perform(challenge) }
        try conversation.perform(session)
        #expect(card.received.last == "0082000410" + data)
    }

    @Test func thePlainFormTakesTheLastChallenge() throws {
        let card = try ScriptedChannel([Self.first + "9000", Self.second + "9000", "9000"])
        let conversation = try CardSite.conversation(card)
        for _ in 0..<2 { try conversation.perform(challenge) }
        try conversation.perform(plain)
        #expect(card.received.last == "0082000408" + Self.second)
    }

    @Test func challengesOfZerosAreRefused() throws {
        let card = try ScriptedChannel(["00000000000000009000", "9000"])
        let conversation = try CardSite.conversation(card)
        #expect(throws: CardError.challengeRefused) { try conversation.perform(challenge) }
        #expect(throws: CardError.noChallenge) { try conversation.perform(plain) }
        #expect(card.received.count == 1)
    }

    @Test func repeatedChallengesAreRefusedAlsoAfterAReset() throws {
        let card = try ScriptedChannel([Self.first, Self.second, Self.first, Self.second].map { $0 + "9000" })
        let conversation = try CardSite.conversation(card)
        for _ in 0..<2 { try conversation.perform(challenge) }
        #expect(throws: CardError.challengeRefused) { try conversation.perform(challenge) }
        try conversation.reset()
        #expect(card.resets == 1)
        #expect(throws: CardError.challengeRefused) { try conversation.perform(challenge) }
    }

    @Test func aFailedGetChallengeGivesNone() throws {
        let card = try ScriptedChannel([Self.first + "6700", "9000"])
        let conversation = try CardSite.conversation(card)
        #expect(try conversation.send(challenge).statusWord == .wrongLength)
        #expect(throws: CardError.noChallenge) { try conversation.perform(plain) }
    }

    @Test func withoutItsChallengesNothingIsSent() throws {
        let card = try ScriptedChannel([Self.first + "9000", "9000"])
        let conversation = try CardSite.conversation(card)
        #expect(throws: CardError.noChallenge) { try conversation.perform(plain) }
        try conversation.perform(challenge)
        #expect(throws: CardError.noChallenge) { try conversation.perform(session) }
        let record = try #require(conversation.profile.directories["SSSE"]?.keys.first)
        let other = try CardSite.conversation(card)
        #expect(throws: CardError.noChallenge) {
            try other.perform(.writeKey(record, .key(issuer("UKSSSE")), isUpdate: false, master: .transport([])))
        }
        #expect(card.received == ["0084000008"])
    }

    @Test func aResetEndsTheChallenges() throws {
        let card = try ScriptedChannel([Self.first + "9000", "9000"])
        let conversation = try CardSite.conversation(card)
        try conversation.perform(challenge)
        try conversation.reset()
        #expect(throws: CardError.noChallenge) { try conversation.perform(plain) }
    }

    // MARK: - Judging

    @Test func aWrongKeyIsToldWithItsTriesAndNeverTriedAgain() throws {
        let card = try ScriptedChannel([Self.first + "9000", Self.second + "9000", "63C4", "9000"])
        let conversation = try CardSite.conversation(card)
        for _ in 0..<2 { try conversation.perform(challenge) }
        #expect(throws: CardError.authenticationFailed(key: "UKSSSE", triesLeft: 4)) {
            try conversation.perform(session)
        }
        #expect(throws: CardError.noChallenge) { try conversation.perform(session) }
        #expect(throws: CardError.noChallenge) { try conversation.perform(plain) }
        #expect(card.received.filter { $0.hasPrefix("0082") }.count == 1)
    }

    /// A card may compare first and look at Le afterwards: whatever costs a try goes to it once, and the try stays counted.
    @Test func aPresentationIsNeverRepeatedForItsLength() throws {
        let card = try ScriptedChannel(["6C08", "9000", "9000"])
        let profile = try CardSite.profile()
        let record = VisitRecord()
        let conversation = CardConversation(
            card, profile: profile, keys: TransparentKeys(), context: try CardSite.context(profile),
            pin: try .init(digits: "925814"),
            visit: CardVisit(record, keySet: AuthenticationTerms.KeySetMark(isDevelopment: true)))
        #expect(try conversation.send(.verifyPIN(identifier: 0, length: 3)).statusWord.description == "6C08")
        #expect(card.received == ["0020000003925814"])
        let counter = try #require(profile.tryCounter(of: .verifyPIN(identifier: 0, length: 3)))
        #expect(record.triesLeft(counter) == 5)
    }

    @Test func anAuthenticationIsNeverRepeatedForItsLength() throws {
        let card = try ScriptedChannel([Self.first + "9000", "6C08", "9000"])
        let conversation = try CardSite.conversation(card)
        try conversation.perform(challenge)
        #expect(throws: CardError.self) { try conversation.perform(plain) }
        #expect(card.received.filter { $0.hasPrefix("0082") }.count == 1)
    }

    @Test func aPINChangeIsNeverRepeatedForItsLength() throws {
        let card = try ScriptedChannel(["6C08", "9000", "9000"])
        let conversation = try CardSite.conversation(card)
        #expect(throws: CardError.self) {
            try conversation.changePIN(0, from: .init(digits: "925814"), to: .init(digits: "481952"))
        }
        #expect(card.received.count == 1)
    }

    @Test func aBlockedKeyIsTold() throws {
        let card = try ScriptedChannel([Self.first + "9000", "6983"])
        let conversation = try CardSite.conversation(card)
        try conversation.perform(challenge)
        #expect(throws: CardError.keyBlocked("UKSSSE")) { try conversation.perform(plain) }
    }

    @Test(arguments: [
        ("63C2", CardError.wrongPIN(triesLeft: 2)), ("63C0", .pinBlocked), ("6983", .pinBlocked),
        ("6982", .refused(CommandAPDU(0x00, 0x20, 0x00, 0x00), .securityStatusNotSatisfied)),
    ])
    func aWrongPINIsToldWithoutIt(answer: String, error: CardError) throws {
        let card = try ScriptedChannel([answer])
        let conversation = try CardSite.conversation(card, pin: "925814")
        #expect(throws: error) { try conversation.perform(.verifyPIN(identifier: 0, length: 3)) }
        #expect(card.received == ["0020000003925814"])
        #expect(!error.faults.contains { $0.parameters.values.contains { $0.contains("925814") } })
    }

    @Test func withoutThePINNothingIsSent() throws {
        let card = try ScriptedChannel(["9000"])
        let conversation = try CardSite.conversation(card)
        #expect(throws: CardError.pinNeeded) { try conversation.perform(.verifyPIN(identifier: 0, length: 3)) }
        #expect(card.received.isEmpty)
    }

    @Test func otherRefusalsNameTheCommand() throws {
        let card = try ScriptedChannel(["6A82"])
        let command = try CommandAPDU(0x00, 0xA4, 0x00, 0x00, data: [0x3F, 0x00])
        #expect(throws: CardError.refused(command, .fileNotFound)) {
            try CardSite.conversation(card).perform(.fixed(command))
        }
    }

    @Test func aCardThatDoesNotAnswerIsTold() throws {
        #expect(throws: CardError.channel(.cardMute)) {
            try CardSite.conversation(ScriptedChannel([])).perform(challenge)
        }
        #expect(throws: CardError.channel(.malformedAnswer(1))) {
            try CardSite.conversation(ScriptedChannel(["90"])).perform(challenge)
        }
    }

    // MARK: - T=0

    @Test func waitingDataAreFetchedUntilNoneIsLeft() throws {
        let card = try ScriptedChannel(["6103", "0102036102", "04059000"])
        #expect(try CardSite.conversation(card).perform(select()) == [1, 2, 3, 4, 5])
        #expect(card.received == ["00A40000023F00", "00C0000003", "00C0000002"])
    }

    @Test func aRightLengthIsAskedForOnce() throws {
        let card = try ScriptedChannel(["6C02", "01029000", "6C02", "6C03"])
        let conversation = try CardSite.conversation(card)
        let read = CardOperation.fixed(CommandAPDU(0x00, 0xB2, 0x01, 0x2C, le: 0))
        #expect(try conversation.perform(read) == [1, 2])
        #expect(try conversation.send(read).statusWord == .correctLength(3))
        #expect(card.received == ["00B2012C00", "00B2012C02", "00B2012C00", "00B2012C02"])
    }

    @Test func dataNobodyWantsAreLeftOnTheCard() throws {
        let card = try ScriptedChannel(["6117", "9000"])
        let conversation = try CardSite.conversation(card)
        #expect(try conversation.perform(select(), wantsAnswer: false).isEmpty)
        try conversation.perform(select(), wantsAnswer: false)
        #expect(card.received == ["00A40000023F00", "00A40000023F00"])
    }

    @Test func aCardThatPromisesForeverAndGivesNothingIsLeft() throws {
        let card = try ScriptedChannel(["6105", "6105", "6105"])
        #expect(try CardSite.conversation(card).send(select()).statusWord == .bytesWaiting(5))
        #expect(card.received.count == 2)
    }

    // MARK: - Is the card genuine

    /// Process factor, then original information, or the other way round; the genuine card of this test answers the factor.
    @Test(arguments: [("factor-first", first + second), ("original-first", second + first)])
    func theCardAnswersInTheProfilesOrder(order: String, data: String) throws {
        let card = try ScriptedChannel([Self.first + "9000", Self.second + "9000"])
        let conversation = try CardSite.conversation(
            card, profile: CardSite.variant("internalAuthenticationOrder: \(order)"))
        let pair = ChallengePair(factor: try bytes(Self.first), original: try bytes(Self.second))
        #expect(try conversation.authenticateCard(with: issuer("IRK"), identifier: 0, challenges: pair))
        #expect(try !conversation.authenticateCard(with: issuer("IRK"), identifier: 0, challenges: pair))
        #expect(card.received.first == "0088000010" + data)
    }

    @Test func challengesThatProveNothingAreNotSent() throws {
        let card = try ScriptedChannel(["9000"])
        let conversation = try CardSite.conversation(card)
        let (zeros, some) = ([UInt8](repeating: 0, count: 8), try bytes(Self.first))
        for pair in [
            ChallengePair(factor: zeros, original: some), ChallengePair(factor: some, original: zeros),
            ChallengePair(factor: some, original: some),
        ] {
            #expect(throws: CardError.challengeRefused) {
                try conversation.authenticateCard(with: issuer("IRK"), identifier: 0, challenges: pair)
            }
        }
        #expect(card.received.isEmpty)
    }
}
