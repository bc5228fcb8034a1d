import CardApplication
import CardData
import CardVerification
import Foundation
import ISO7816
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

@testable import Issuing

/// The data of a holder, changed on record and then on the card: what differs is written, read back and booked once, wherever it is broken off.
@Suite struct DataChangeTests {
    private static let longName = "阿卜杜勒艾尼买买提依明江吾斯曼阿布都热合曼"

    private let counter: Counter
    private let card: VirtualCard
    private let reference: CardReference

    init() throws {
        counter = try Counter()
        card = try counter.blank()
        let made = try counter.issue(card)
        reference = CardReference(made.identificationCode)
        try counter.act(.handedOver, on: made)
        try counter.act(.enabled, on: made)
    }

    /// A desk that knows of what came before only what stands on the disk.
    private func desk() throws -> DataChangeDesk {
        DataChangeDesk(
            registry: counter.registry, preparation: counter.preparation, journalFolder: counter.folder + "/journal",
            sealingKey: try SealingKey.load(in: counter.folder + "/journal"),
            visits: VisitPolicy(folder: counter.folder + "/tries", isDevelopment: true))
    }

    private var registered: RegisteredCard {
        get throws { try #require(try counter.registry.card(reference)) }
    }

    /// Brings the record up to date.
    private func record(_ changes: [String: String]) throws -> Person {
        let person = Person(try counter.preparation.applicant(counter.row(changes)))
        try counter.registry.register(person, handledBy: Counter.teller)
        return person
    }

    @discardableResult
    private func change(
        to holder: Person, through channel: (any CardChannel)? = nil, _ handling: Handling = Counter.teller
    ) throws -> DataChangeDesk.Outcome {
        try desk().change(
            registered, to: holder, handledBy: handling, through: channel ?? VirtualCardChannel(card))
    }

    private func comparison(_ holder: Person) throws -> ChipComparison? {
        let finding = try desk().look(at: VirtualCardChannel(card), for: registered, holder: holder)
        return if case .compared(let comparison) = finding { comparison } else { nil }
    }

    private func changes() throws -> [[String]] {
        try counter.registry.events(of: reference).compactMap { logged in
            if case .dataChanged(let elements) = logged.body.act { elements } else { nil }
        }
    }

    private var journals: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: counter.folder + "/journal")) ?? [])
            .filter { $0.hasSuffix(".migration") }
    }

    @Test func whatDiffersIsWrittenReadBackAndBooked() throws {
        let holder = try record(["name": "张小三", "ethnicGroup": "11"])
        let before = try #require(try comparison(holder))
        #expect(before.rows.filter(\.differs).map(\.item) == [.name, .ethnicGroup])
        let outcome = try change(to: holder)
        #expect(Set(outcome.elements) == ["name", "ethnicGroup"])
        #expect(try comparison(holder)?.isSame == true)
        #expect(try changes() == [outcome.elements])
        #expect(journals.isEmpty)
        #expect(throws: Faults("data-change.nothing")) { try change(to: holder) }
        #expect(try changes().count == 1)
        #expect(try counter.verdict(card).reasons == [], "the card is as good at a till as before")
        #expect(try counter.registry.verify().isGood)
    }

    /// A name that needs the extension, and one that does not need it any more.
    @Test func namesOfAnyLengthTakeEachOthersPlace() throws {
        for name in [Self.longName, "张三丰"] {
            let holder = try record(["name": name])
            try change(to: holder)
            #expect(try comparison(holder)?.isSame == true, "\(name)")
        }
        #expect(try changes().count == 2)
    }

    /// Pulled after each so many commands: the same card goes on with the values it was begun with, and the act is booked once.
    @Test func aCardThatIsPulledGoesOnWhereItWas() throws {
        var names = ["张一", "张二"]
        var cut = 0
        var begun = 0
        var isWhole = false
        while !isWhole {
            let holder = try record(["name": names[0]])
            names.swapAt(0, 1)
            let count = try changes().count
            do {
                try change(to: holder, through: FaultyCommands(try VirtualCardChannel(card), failingAfter: cut))
                isWhole = true
            } catch {
                #expect(try changes().count == count, "not booked before it is whole, cut after \(cut)")
                if !journals.isEmpty {
                    begun += 1
                    let finding = try desk().look(at: VirtualCardChannel(card), for: registered, holder: holder)
                    guard case .begun = finding else {
                        Issue.record("cut after \(cut) it is not told as begun")
                        return
                    }
                }
                #expect(try change(to: holder).elements == ["name"], "cut after \(cut)")
            }
            #expect(try comparison(holder)?.isSame == true, "cut after \(cut)")
            #expect(try changes().count == count + 1, "cut after \(cut)")
            #expect(journals.isEmpty, "cut after \(cut)")
            cut += 1
        }
        #expect(begun > 4, "some of the cuts fell into the writing")
    }

    /// A crash between the commit and the journal's removal.
    @Test func anActWhoseJournalOutlivedItIsNotBookedTwice() throws {
        let holder = try record(["name": "张小三"])
        var kept: (path: String, bytes: Data)?
        var cut = 0
        // Cut later and later, until nothing but the removal is left: the journal of the last cut is the one to bring back.
        while kept == nil || !journals.isEmpty || cut < 400 {
            do {
                try change(to: holder, through: FaultyCommands(try VirtualCardChannel(card), failingAfter: cut))
                break
            } catch {
                if let name = journals.first {
                    let path = counter.folder + "/journal/" + name
                    kept = (path, try #require(FileManager.default.contents(atPath: path)))
                }
            }
            cut += 5
        }
        let journal = try #require(kept)
        #expect(try changes().count == 1)
        try journal.bytes.write(to: URL(filePath: journal.path))
        #expect(try change(to: holder).elements == ["name"])
        #expect(try changes().count == 1)
        #expect(journals.isEmpty)
    }

    @Test func anotherCardAndAnotherHolderAreLeftAlone() throws {
        let other = try counter.blank(2)
        _ = try counter.issue(other, counter.otherRow)
        let holder = try record(["name": "张小三"])
        #expect(throws: ChipError.self) { try change(to: holder, through: VirtualCardChannel(other)) }
        let stranger = Person(try counter.preparation.applicant(counter.otherRow))
        #expect(throws: Faults("data-change.another-holder")) { try change(to: stranger) }
        #expect(try changes().isEmpty)
        #expect(journals.isEmpty)
    }

    @Test func whatAnotherWindowDidSinceTheCardWasShownLeavesTheChipAlone() throws {
        let holder = try record(["name": "张小三"])
        let shown = try registered
        try counter.registry.record(.held(.misuse), on: reference, handledBy: Counter.teller)
        try counter.registry.record(
            .released([EventIdentifier(counter: 7, sequence: try registered.lastSequence)]), on: reference,
            handledBy: Handling(
                by: Counter.teller.officer, second: Counter.teller.second, proofs: [.identityDocument, .paper]))
        let before = card.image
        func change(expecting seen: UInt64) throws -> DataChangeDesk.Outcome {
            try desk().change(
                shown, to: holder, handledBy: Counter.teller, expecting: seen, through: VirtualCardChannel(card))
        }
        #expect(throws: RegistryError.cardChanged(reference)) { try change(expecting: shown.lastSequence) }
        #expect(card.image == before && journals.isEmpty)
        #expect(try change(expecting: registered.lastSequence).elements == ["name"])
        #expect(try changes() == [["name"]])
    }

    @Test func whatTheRulesRefuseTouchesNoCard() throws {
        let holder = try record(["name": "张小三"])
        let undocumented = Handling(by: Counter.teller.officer)
        #expect(throws: RegistryError.self) { try change(to: holder, undocumented) }
        #expect(journals.isEmpty)
        #expect(try comparison(holder)?.isSame == false)
        try counter.registry.record(
            .recovered(.handedIn), on: reference,
            handledBy: Handling(by: Counter.teller.officer, proofs: [.cardRead]))
        #expect(throws: RegistryError.self, "the holder has not got it") { try change(to: holder) }
        #expect(try changes().isEmpty)
    }

    private func change(to holder: Person, _ handling: Handling) throws {
        try change(to: holder, through: nil, handling)
    }

    // MARK: - What the card does not vouch for

    /// A chip that warns of the record of the name (tag 09) until it is written anew.
    private final class WarningChannel: CardChannel {
        private let base: any CardChannel
        private(set) var isMended = false

        init(_ base: any CardChannel) { self.base = base }

        var answerToReset: AnswerToReset { base.answerToReset }
        var largestCommandData: Int { base.largestCommandData }

        func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
            let answer = try base.transmit(command)
            if command.ins == 0xDC, command.data.first == 0x09 { isMended = true }
            guard !isMended, command.ins == 0xB2, answer.data.first == 0x09, answer.data.count == 0x20 else {
                return answer
            }
            return ResponseAPDU(data: answer.data, .dataMayBeCorrupted)
        }

        func reset() throws(CardChannelError) { try base.reset() }
    }

    /// 6281 beside the right name: the comparison does not call it sound, and the change writes it anew.
    @Test func whatTheChipWarnsOfIsNotSoundAndIsWrittenAnew() throws {
        let holder = try record([:])
        let channel = try WarningChannel(VirtualCardChannel(card))
        func look() throws -> ChipComparison? {
            try channel.reset()
            let finding = try desk().look(at: channel, for: registered, holder: holder)
            return if case .compared(let comparison) = finding { comparison } else { nil }
        }
        let before = try #require(try look())
        #expect(before.rows.filter(\.isDamaged).map(\.item) == [.name])
        #expect(before.rows.filter(\.differs).isEmpty && !before.isSame)
        try channel.reset()
        let outcome = try change(to: holder, through: channel)
        #expect(outcome.elements == ["name"])
        #expect(channel.isMended)
        #expect(try look()?.isSame == true)
    }
}
