import ByteText
public import CardData
public import CardLayout
import Dispatch
import Foundation
import ISO7816
import Synchronization
import VirtualCard

/// 卡盒: the virtual cards of a counter for practice, and the virtual readers they are put into.
///
/// All calls block on files and the readers' driver: they belong on no thread of the cooperative pool.
public final class CardBox: Sendable {
    /// A card as the box shows it.
    struct Card: Hashable, Sendable {
        /// The chip's serial, 12 hexadecimal digits; the name of its file.
        let serial: String
        /// The reader it is in, from 1; nil while it lies in the box.
        let slot: Int?
    }

    private struct Inserted {
        let serial: String
        let connection: VirtualReaderConnection
        /// Left when the card's file is closed and the card can be put in again.
        let serving = DispatchGroup()
    }

    /// The profile of a new blank.
    private static let profileName = "fmcos-ssse"
    private static let most = 200

    /// How many readers there are.
    let slotCount: Int
    private let folder: String
    private let library: LayoutLibrary
    private let host: String
    private let firstPort: UInt16
    private let inserted = Mutex<[Int: Inserted]>([:])

    /// A box over a folder of cards, which is made where it is missing.
    ///
    /// - Parameters:
    ///   - library: the profiles of the cards.
    ///   - host: where the readers' driver listens.
    ///   - firstPort: the port of its first slot; the driver's own unless given.
    ///   - slotCount: how many slots it has.
    public init(
        folder: String, library: LayoutLibrary, host: String = "127.0.0.1",
        firstPort: UInt16? = nil, slotCount: Int = 2
    ) throws(Faults) {
        self.folder = folder
        self.library = library
        self.host = host
        self.firstPort = firstPort ?? VirtualReaderConnection.firstPort
        self.slotCount = slotCount
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Faults("training.card-file", ["file": folder])
        }
    }

    /// Makes blanks until so many cards are there.
    public func fill(to count: Int) throws {
        while try cards().count < count { try addBlank() }
    }

    /// The cards by serial.
    func cards() throws(Faults) -> [Card] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw Faults("training.card-file", ["file": folder])
        }
        let places = inserted.withLock { $0.map { ($1.serial, $0) } }
        return names.filter { $0.hasSuffix(".card") }.map { String($0.dropLast(5)) }.sorted().map { serial in
            Card(serial: serial, slot: places.first { $0.0 == serial }?.1)
        }
    }

    /// The whole number of a card's chip, as readers tell it and stock books hold it: its kind's part and its own serial.
    func chip(of serial: String) throws -> [UInt8]? {
        guard let own = [UInt8](hexadecimal: serial) else { return nil }
        let profile = try library.profile(named: Self.profileName)
        return profile.identity.bytes(of: try AnswerToReset(bytes: profile.answerToResetPrefix + own))
    }

    /// A blank with the next serial, which it answers.
    @discardableResult
    func addBlank() throws -> String {
        let cards = try cards()
        guard cards.count < Self.most else { throw Faults("training.no-such-card") }
        let last = cards.last.flatMap { UInt64($0.serial, radix: 16) } ?? 0x9901_0000_0000
        let bytes = Array((last + 1).bigEndianBytes.dropFirst(2))
        do {
            try VirtualCard.makeBlank(
                profile: library.profile(named: Self.profileName), serialNumber: bytes,
                stateFile: path(bytes.hexadecimal))
        } catch is StateFileError {
            throw Faults("training.card-file", ["file": path(bytes.hexadecimal)])
        }
        return bytes.hexadecimal
    }

    /// Puts a card into a reader; answers when the reader has it.
    func insert(_ serial: String, into slot: Int) throws {
        guard (1...slotCount).contains(slot), try cards().contains(where: { $0.serial == serial }) else {
            throw Faults("training.no-such-card")
        }
        let port = firstPort + UInt16(slot - 1)
        let connection = try VirtualReaderConnection(host: host, port: port, attempts: 3)
        let place = Inserted(serial: serial, connection: connection)
        let isFree = inserted.withLock { inserted in
            guard inserted[slot] == nil, !inserted.values.contains(where: { $0.serial == serial }) else { return false }
            inserted[slot] = place
            return true
        }
        guard isFree else { throw Faults("training.card-in-use") }
        let isTaken = Mutex(false)
        let told = DispatchSemaphore(value: 0)
        place.serving.enter()
        let (path, library) = (path(serial), library)
        Thread.detachNewThread { [self] in
            let card = try? VirtualCard.open(stateFile: path) { try library.profile(named: $0) }
            if let card {
                _ = try? connection.serve(card, whenKeptWaiting: connection.stop) {
                    isTaken.withLock { $0 = true }
                    told.signal()
                }
                card.powerOff()
            }
            inserted.withLock { $0[slot] = nil }
            place.serving.leave()
            told.signal()
        }
        told.wait()
        guard isTaken.withLock({ $0 }) else { throw Faults("training.no-reader", ["address": "\(host):\(port)"]) }
    }

    /// Takes the card of a reader out.
    func remove(from slot: Int) throws(Faults) {
        guard let place = inserted.withLock({ $0[slot] }) else { throw Faults("training.no-such-card") }
        place.connection.stop()
        place.serving.wait()
    }

    private func path(_ serial: String) -> String { "\(folder)/\(serial).card" }
}
