import CPCSC
import Testing

@testable import SmartCardReader

/// What happened between two looks, from the states that SCardGetStatusChange gives (pcsclite.h: flags below, counter in the upper
/// 16 bits).
@Suite struct ReaderInventoryTests {
    private let name: ReaderName

    init() throws { name = try #require(ReaderName(rawValue: "ACS ACR39U 00 00")) }

    private func slot(_ flags: Int32..., counter: Int = 0, name other: String? = nil) throws -> ReaderStatus {
        ReaderStatus(
            name: try other.map { try #require(ReaderName(rawValue: $0)) } ?? name,
            rawState: flags.reduce(DWORD(counter) << 16) { $0 | DWORD($1) }, answerToReset: [])
    }

    @Test func readersAndCardsThatAreThereAlreadyAreToldFirst() throws {
        var inventory = ReaderInventory()
        let slot = try slot(SCARD_STATE_PRESENT, counter: 1)
        #expect(inventory.take([slot]) == [.readerAttached(slot.description), .cardInserted(slot.description)])
        #expect(inventory.take([slot]).isEmpty)
    }

    @Test func insertionAndRemovalAreTold() throws {
        var inventory = ReaderInventory()
        _ = inventory.take([try slot(SCARD_STATE_EMPTY)])
        let full = try slot(SCARD_STATE_PRESENT, counter: 1)
        #expect(inventory.take([full]) == [.cardInserted(full.description)])
        #expect(inventory.take([try slot(SCARD_STATE_EMPTY, counter: 2)]) == [.cardRemoved(name)])
    }

    @Test func aSwapBetweenTwoLooksIsARemovalAndAnInsertion() throws {
        var inventory = ReaderInventory()
        _ = inventory.take([try slot(SCARD_STATE_PRESENT, counter: 1)])
        let other = try slot(SCARD_STATE_PRESENT, counter: 3)
        #expect(inventory.take([other]) == [.cardRemoved(name), .cardInserted(other.description)])
        // Use by a program changes flags and not the counter.
        #expect(inventory.take([try slot(SCARD_STATE_PRESENT, SCARD_STATE_INUSE, counter: 3)]).isEmpty)
    }

    @Test func aCardThatTurnsOutToBeMuteIsToldAgain() throws {
        var inventory = ReaderInventory()
        _ = inventory.take([try slot(SCARD_STATE_PRESENT, counter: 1)])
        let mute = try slot(SCARD_STATE_PRESENT, SCARD_STATE_MUTE, counter: 1)
        #expect(mute.cardState == .mute)
        #expect(inventory.take([mute]) == [.cardInserted(mute.description)])
    }

    @Test func anUnpluggedReaderTakesItsCardWithIt() throws {
        var inventory = ReaderInventory()
        let other = try slot(SCARD_STATE_EMPTY, name: "B 00 00")
        _ = inventory.take([try slot(SCARD_STATE_PRESENT, counter: 1), other])
        // Either it is not listed any more, or it cannot say what is in it.
        var later = inventory
        #expect(inventory.take([other]) == [.cardRemoved(name), .readerDetached(name)])
        #expect(later.take([try slot(SCARD_STATE_UNAVAILABLE), other]) == [.cardRemoved(name), .readerDetached(name)])
        #expect(inventory.known.map(\.name) == [other.name])
    }

    /// Unplugged while the service was away, a reader is told as gone once somebody can look: plugged in again it is a new one.
    @Test func aReaderThatWentWithTheServiceIsToldAsDetached() throws {
        var inventory = ReaderInventory()
        let other = try slot(SCARD_STATE_EMPTY, name: "B 00 00")
        let own = try slot(SCARD_STATE_EMPTY)
        _ = inventory.take([own, other])
        inventory.loseService()
        // a service that comes and goes again in between tells nothing
        inventory.loseService()
        #expect(inventory.known.isEmpty)
        #expect(inventory.take([other]) == [.readerDetached(name), .readerAttached(other.description)])
        #expect(inventory.take([own, other]) == [.readerAttached(own.description)])
    }
}
