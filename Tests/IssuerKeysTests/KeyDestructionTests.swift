import CardCryptography
import CardData
import Foundation
import Testing

@testable import IssuerKeys

@Suite struct KeyDestructionTests {
    private let custodians: Custodians
    private let set: KeySet
    private let dependants = KeyDestruction.Dependants(stores: ["city city 990100"], cards: 7)
    private var due: RecordTime { Custodians.start.adding(days: 7) }

    init() throws {
        custodians = try Custodians()
        set = try custodians.finished().set
    }

    private func withStore(_ body: (String) throws -> Void) throws {
        let secret = SecretBytes(copying: Array("passphrase".utf8))
        try Surroundings.withStore(try SealedKeyStore.seal(set, passphrase: secret, cost: Custodians.cheap), body)
    }

    private func request(_ directory: String, days: UInt64 = 7) throws -> KeyDestruction {
        try KeyDestruction.request(
            directory: directory, reason: "轮换", days: days, dependants: dependants, by: custodians.keys[0],
            time: Custodians.start)
    }

    private func execute(
        _ destruction: KeyDestruction, _ directory: String, by key: Int = 1, at time: RecordTime? = nil,
        _ dependants: KeyDestruction.Dependants? = nil
    ) -> [String] {
        var copy = destruction
        return codes {
            try copy.execute(
                directory: directory, dependants: dependants ?? self.dependants, by: custodians.keys[key],
                roster: custodians.roster, time: time ?? due)
        }
    }

    private func isThere(_ directory: String) -> Bool {
        FileManager.default.fileExists(atPath: directory + "/" + SealedKeyStore.fileName)
    }

    @Test func `after the waiting period a second person destroys the store, and not before`() throws {
        try withStore { directory in
            let destruction = try request(directory)
            #expect(destruction.due == due)
            #expect(destruction.details["stores"] == "city city 990100" && destruction.details["cards"] == "7")
            let justBefore = RecordTime(seconds: due.seconds - 1)
            #expect(execute(destruction, directory, at: justBefore) == ["destruction.waiting"])
            #expect(execute(destruction, directory, by: 0) == ["approval.approved-twice"])
            #expect(isThere(directory))
            #expect(execute(destruction, directory) == [])
            #expect(!isThere(directory))
        }
    }

    @Test func `a week after it was due, with other dependants or another store, nothing is destroyed`() throws {
        try withStore { directory in
            let destruction = try request(directory)
            let late = RecordTime(seconds: due.adding(days: 7).seconds + 1)
            #expect(execute(destruction, directory, at: late) == ["approval.expired"])
            let more = KeyDestruction.Dependants(stores: ["city city 990100", "other city 990200"], cards: 7)
            #expect(execute(destruction, directory, more) == ["destruction.changed"])
            let cards = KeyDestruction.Dependants(stores: ["city city 990100"], cards: 8)
            #expect(execute(destruction, directory, cards) == ["destruction.changed"])
            let path = directory + "/" + SealedKeyStore.fileName
            try DurableFile.replace(DurableFile.read(path) + "\n", at: path)
            #expect(execute(destruction, directory) == ["destruction.changed"])
            #expect(isThere(directory))
        }
    }

    @Test func `a request that was altered in its file, or by a stranger, is not carried out`() throws {
        try withStore { directory in
            let destruction = try request(directory)
            let text = try JSONEncoder().encode(destruction.document)
            let earlier = String(decoding: text, as: UTF8.self)
                .replacingOccurrences(of: String(due.seconds * 1000), with: String(Custodians.start.seconds * 1000))
                .replacingOccurrences(
                    of: String(due.adding(days: 7).seconds * 1000), with: String(due.seconds * 1000))
            let forged = try JSONDecoder().decode(ApprovalDocument.self, from: Data(earlier.utf8))
            #expect(
                execute(KeyDestruction(document: forged), directory, at: Custodians.start) == ["approval.not-authentic"]
            )
            let stranger = try Custodians(4)
            var copy = destruction
            #expect(
                codes {
                    try copy.execute(
                        directory: directory, dependants: dependants, by: stranger.keys[3], roster: custodians.roster,
                        time: due)
                } == ["approval.unknown-officer"])
            #expect(isThere(directory))
        }
    }

    @Test(arguments: [0, 2, 181] as [UInt64]) func `a wait that is none is refused`(days: UInt64) throws {
        try withStore { directory in
            #expect(codes { _ = try request(directory, days: days) } == ["destruction.wait"])
        }
    }

    @Test func `stores below are those of the same root at a lower level`() throws {
        let secret = SecretBytes(copying: Array("passphrase".utf8))
        let city = try set.citySet(area: "990100", name: "city", hierarchy: Surroundings.hierarchy())
        let below = try SealedKeyStore.seal(city, passphrase: secret, cost: Custodians.cheap)
        try withStore { directory in
            try Surroundings.withStore(below) { (other: String) throws -> Void in
                let development = Surroundings.home.appending(path: "Keys/development").path(percentEncoded: false)
                let found = try KeyDestruction.stores(below: directory, among: [other, development, directory])
                #expect(found == ["city city 990100"])
                let above = try KeyDestruction.stores(below: other, among: [directory])
                #expect(above == [])
            }
        }
    }
}
