import CardCryptography
import Foundation
import GRDB
import Lifecycle

/// Goes through a log from its first event to its last and stops at the first bad place.
struct LogVerification {
    private let counter: UInt64
    private let key: VerificationKey
    private(set) var events: UInt64 = 0
    private(set) var signatures: UInt64 = 0
    private(set) var head: EventHash = .none
    private var hybridTime: UInt64 = 0
    private var endsSigned = true

    /// A verification from the first event on, or of what follows an event that is taken as it stands.
    init(counter: UInt64, key: VerificationKey, after known: LogHead = LogHead()) {
        self.counter = counter
        self.key = key
        events = known.sequence
        head = known.hash
        hybridTime = known.hybridTime
    }

    /// - Returns: the first bad place and what is wrong there; nil when the whole log is good.
    mutating func run(on database: Database) throws -> (position: UInt64, problem: VerificationReport.Problem)? {
        let rows = try Row.fetchCursor(
            database, sql: "SELECT sequence, kind, card, event FROM log WHERE sequence > ? ORDER BY sequence",
            arguments: [Int64(clamping: events)])
        while let row = try rows.next() {
            let sequence = UInt64(bitPattern: row[0] as Int64)
            guard sequence == events + 1 else { return (events + 1, .gap) }
            if let problem = try check(row, at: sequence) { return (sequence, problem) }
            events += 1
        }
        return endsSigned ? nil : (events, .endUnsigned)
    }

    private mutating func check(_ row: Row, at sequence: UInt64) throws -> VerificationReport.Problem? {
        let bytes = Array(row[3] as Data)
        let event: Event
        do {
            event = try Event(encoded: bytes)
            _ = try event.readBody()
        } catch {
            return .unreadable(error)
        }
        guard event.identifier == EventIdentifier(counter: counter, sequence: sequence) else { return .misplaced }
        guard event.previous == head else { return .chainBroken }
        guard event.hybridTime > hybridTime else { return .timeFalls }
        switch event.signature {
        case .coveredByLaterHead: endsSigned = false
        case .p256(let signature):
            let signed = event.bytesToSign(algorithm: 1, signatureLength: signature.count)
            guard try key.verify(signature, of: signed) else { return .signatureWrong }
            signatures += 1
            endsSigned = true
        case .sm2: return .signatureWrong
        }
        guard row[1] as Int64 == Int64(event.kind), (row[2] as Data?).map({ Array($0) }) == event.card?.bytes else {
            return .columnsDiffer
        }
        head = try EventHash(of: bytes)
        hybridTime = event.hybridTime
        return nil
    }
}
