import CardApplication
import CardCryptography
import CardData
import CardLayout
import CardVerification
import Foundation
import ISO7816
import IssuerKeys
import Issuing
import Personalization
import Testing
import VirtualCard

/// Every training card gives the answer that its name promises, also after it was kept in a state file.
@Suite struct TrainingCardTests {
    private let counter: Counter

    init() throws { counter = try Counter() }

    /// The card, written to a state file and opened again.
    private func card(_ name: String) throws -> VirtualCard {
        let made = try counter.blank()
        try TrainingCardMaker(counter.preparation).make(
            TrainingCard(name), layoutName: "national-2.0", through: VirtualCardChannel(made))
        let path = counter.folder + "/\(name).card"
        try made.write(stateFile: path)
        return try VirtualCard.open(stateFile: path) { try counter.preparation.library.files.profile(named: $0) }
    }

    private func conversation(
        _ card: VirtualCard, area: String = "990101", pin: String = TrainingCard.pinDigits
    ) throws -> CardConversation {
        let channel = try VirtualCardChannel(card)
        let profile = try counter.preparation.library.entry("national-2.0").compiled.profile
        let context = try #require(CardKeyContext(channel.answerToReset, profile: profile, area: area))
        return CardConversation(
            channel, profile: profile, keys: counter.preparation.keys, context: context,
            pin: try PersonalIdentificationNumber(digits: pin))
    }

    private func classification(_ card: VirtualCard) throws -> CardClassification {
        try CardClassification.of(
            conversation(card), layout: counter.preparation.library.entry("national-2.0").compiled.layout)
    }

    private func read(_ card: VirtualCard, area: String = "990101") throws -> CardContent {
        let compiled = try counter.preparation.library.entry("national-2.0").compiled
        let readings = try CardReader(conversation(card, area: area), compiled, presentsKeys: true, pinLength: 3).read()
        var raw: [String: [String: CardContent.RawFile]] = [:]
        for reading in readings {
            if case .records(let records) = reading.outcome {
                raw[reading.directory, default: [:]][reading.file] = .records(records)
            }
        }
        return CardContent(raw, layout: compiled.layout)
    }

    @Test func aBlankIsABlank() throws {
        let card = try card("blank")
        #expect(try classification(card) == .blank)
        #expect(try counter.verdict(card).reasons == [.blank])
    }

    @Test func anIssuedCardIsGenuineAndReadInFull() throws {
        let card = try card("issued")
        #expect(try counter.verdict(card).reasons == [.notInRegistry])
        guard case .issued = try classification(card) else {
            Issue.record("not issued")
            return
        }
        let content = try read(card)
        #expect(content["SSSE", "EF05", "cardNumber"]?.text == TrainingCard.person["cardNumber"])
        #expect(content["SSSE", "EF06", "name"]?.text == TrainingCard.person["name"])
    }

    /// Who the holder is shows first and pictures last; what is handed back stands in the order of the layout all the same.
    @Test func readingTellsFirstWhoTheHolderIs() throws {
        let card = try card("issued")
        let compiled = try counter.preparation.library.entry("national-2.0").compiled
        var told: [String] = []
        let readings = try CardReader(conversation(card), compiled, presentsKeys: true, pinLength: 3).read {
            told.append("\($0.directory)/\($0.file)")
        }
        #expect(told.prefix(2) == ["SSSE/EF05", "SSSE/EF06"])
        #expect(told.firstIndex(of: "SSSE/EF08") ?? 0 > told.firstIndex(of: "DF07/EF05") ?? told.count)
        #expect(readings.prefix(4).map(\.file) == ["EF05", "EF06", "EF07", "EF08"])
        #expect(readings.allSatisfy { $0.outcome != .notOpen && $0.outcome != .absent })
    }

    @Test func aTornCardOfAnyLengthIsNeverTakenForAFinishedOne() throws {
        #expect(try classification(card("torn@0")) == .blank)
        for count in [4, 60, 120, 200] {
            let card = try card("torn@\(count)")
            #expect(try classification(card) == .unknown, "after \(count) commands")
            #expect(try counter.verdict(card).reasons == [.notPersonalized], "after \(count) commands")
        }
    }

    @Test func aCardWithABlockedPINSaysSoToTheRightPIN() throws {
        let card = try card("pin-blocked")
        #expect(try counter.verdict(card).reasons == [.notInRegistry])
        let conversation = try conversation(card)
        let environment = try #require(
            counter.preparation.library.entry("national-2.0").compiled.directory("SSSE"))
        try conversation.perform(
            .fixed(CardCommands(profile: conversation.profile).select(identifier: environment.identifier)),
            wantsAnswer: false)
        #expect(throws: CardError.pinBlocked) { try conversation.perform(.verifyPIN(identifier: 0x00, length: 3)) }
    }

    @Test func aCardOfAnotherIssuerIsGenuineThereAndUnknownHere() throws {
        let card = try card("wrong-issuer")
        #expect(try counter.verdict(card).answer == .unknown)
        #expect(try counter.verdict(card).reasons == [.issuedElsewhere("990102"), .notInRegistry])
        #expect(try counter.verdict(card, area: "990102").reasons == [.notInRegistry])
        #expect(throws: CardError.self) { try read(card) }
        #expect(try read(card, area: "990102")["SSSE", "EF06", "name"]?.text == TrainingCard.person["name"])
    }

    @Test func aCardOfTheFirstSpecificationSaysSo() throws {
        let made = try counter.blank()
        try TrainingCardMaker(counter.preparation).make(
            TrainingCard("v1"), layoutName: "national-2.0", through: VirtualCardChannel(made))
        let environment = try conversation(made)
        let commands = CardCommands(profile: environment.profile)
        let layout = try counter.preparation.library.entry("national-1.0").compiled.layout
        let directory = try #require(layout.directories.first)
        try environment.perform(.fixed(commands.select(identifier: directory.identifier)), wantsAnswer: false)
        let file = try #require(directory.file("EF05"))
        let version = try environment.perform(.fixed(commands.readRecord(tag: 0x03, of: file, length: 6)))
        #expect(String(decoding: version.dropFirst(2), as: UTF8.self) == layout.specificationVersion)
        #expect(layout.specificationVersion == "1.00")
    }

    @Test func nothingBelievesACardThatSaysYesToEverything() throws {
        let path = counter.folder + "/yes.card"
        let profile = try counter.preparation.library.entry("national-2.0").compiled.profile
        try YesCard(answerToReset: profile.answerToResetPrefix + [0x99, 0x01, 0x00, 0x00, 0x00, 0x01]).write(
            stateFile: path)
        let card = try #require(try YesCard(stateFile: path))
        #expect(card.respond(to: [0x00, 0x88, 0x00, 0x00, 0x10]) == [0x90, 0x00])
        let channel = try VirtualCardChannel(card)
        #expect(try counter.verdict(counter.blank(), through: channel).reasons == [.senseless])
        #expect(throws: IssuingError.self) {
            try counter.desk.issue(counter.request(counter.row()), through: channel)
        }
        #expect(throws: StateFileError.existsAlready(path)) { try card.write(stateFile: path) }
    }

    @Test func aVirtualCardsStateFileIsNoYesCard() throws {
        let path = counter.folder + "/blank.card"
        try counter.blank().write(stateFile: path)
        #expect(try YesCard(stateFile: path) == nil)
        #expect(throws: StateFileError.existsAlready(path)) { try counter.blank().write(stateFile: path) }
    }

    @Test(arguments: ["", "torn", "torn@", "torn@-1", "torn@x", "torn@9223372036854775808", "issued "])
    func noOtherNameIsTaken(
        name: String
    ) { #expect(throws: Faults.self) { try TrainingCard(name) } }

    @Test func aPlanCannotBeTornAfterItsEnd() throws {
        #expect(throws: Faults.self) { try card("torn@9999") }
    }
}
