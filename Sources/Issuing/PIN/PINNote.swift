import ByteText
import CardCryptography
import Foundation
import Lifecycle

/// What is known of a service for a holder's PIN before the log has it: whose card, what for, by whom; never a PIN.
///
/// As text: lines of `name: value`, the last one SHA-256 over those before it. How far it has come stands in the file's name.
struct PINNote: Hashable, Sendable {
    /// How far the service has come.
    enum Phase: String, CaseIterable {
        /// The card may have got a command.
        case begun
        /// The card did all of it.
        case served
        /// The card did a part of it, or perhaps.
        case part
        /// The card has counted the last try of its PIN.
        case locked
        /// Both.
        case lockedInPart = "locked-in-part"
    }

    let card: CardReference
    let service: PINService
    let ticket: String
    let handling: Handling
    /// The card's newest event before the service.
    let since: UInt64
    /// The PIN locks that the service ends.
    let locks: [EventIdentifier]

    /// What stands in place of a ticket where a holder's own change was broken off by the end of the program.
    static let interrupted = "中断 interrupted"

    /// The acts that tell of it; a lock that is no longer open is not lifted again.
    func acts(_ phase: Phase, on state: CardState) -> [Act] {
        let served = Act.pinServed(service, ticket: ticket)
        let open = Set(locks).intersection(state.restrictions.map(\.openedBy))
        return switch phase {
        case .begun:
            [service == .change && ticket.isEmpty ? .pinServed(service, ticket: Self.interrupted) : served]
        case .served: open.isEmpty ? [served] : [served, .released(open)]
        case .part: [served]
        case .locked: [.pinLocked]
        case .lockedInPart: [.pinLocked, served]
        }
    }

    // MARK: - The form

    private static let form = "sscard pin 1"

    /// The note as its file has it.
    var text: String {
        get throws(CryptographyError) {
            var lines = [
                "form: \(Self.form)", "card: \(card.bytes.hexadecimal)", "service: \(service.rawValue)",
                "ticket: \(Array(ticket.utf8).hexadecimal)", "officer: \(Self.text(handling.officer))",
            ]
            if let second = handling.second { lines.append("second: \(Self.text(second))") }
            lines += ["proofs: \(handling.proofs.rawValue)", "since: \(since)"]
            lines += locks.map { "lock: \($0.bytes.hexadecimal)" }
            let covered = lines.joined(separator: "\n") + "\n"
            return covered + "sha-256: \(try Self.hash(covered))\n"
        }
    }

    /// Reads ``text``; nil for anything else, also a part of it.
    init?(text: String) {
        guard let end = text.range(of: "sha-256: ", options: .backwards) else { return nil }
        let covered = String(text[..<end.lowerBound])
        guard let hash = try? Self.hash(covered), text == covered + "sha-256: \(hash)\n" else { return nil }
        var values: [String: [String]] = [:]
        for line in covered.split(separator: "\n") {
            guard let colon = line.range(of: ": ") else { return nil }
            values[String(line[..<colon.lowerBound]), default: []].append(String(line[colon.upperBound...]))
        }
        func value(_ name: String) -> String { values[name]?.first ?? "" }
        let locks = (values["lock"] ?? []).compactMap { [UInt8](hexadecimal: $0) }
            .compactMap { EventIdentifier(bytes: $0) }
        guard value("form") == Self.form, locks.count == values["lock"]?.count ?? 0,
            let card = [UInt8](hexadecimal: value("card")).flatMap({ CardReference(bytes: $0) }),
            let service = UInt8(value("service")).flatMap(PINService.init(rawValue:)),
            let ticket = [UInt8](hexadecimal: value("ticket")), let officer = Self.officer(value("officer")),
            let proofs = UInt16(value("proofs")), let since = UInt64(value("since"))
        else { return nil }
        self.init(
            card: card, service: service, ticket: String(decoding: ticket, as: UTF8.self),
            handling: Handling(
                by: officer, second: Self.officer(value("second")), proofs: Proofs(rawValue: proofs)),
            since: since, locks: locks)
    }

    /// A note from its parts.
    init(
        card: CardReference, service: PINService, ticket: String, handling: Handling, since: UInt64,
        locks: [EventIdentifier]
    ) {
        self.card = card
        self.service = service
        self.ticket = ticket
        self.handling = handling
        self.since = since
        self.locks = locks
    }

    private static func text(_ officer: Officer) -> String { "\(officer.number) \(officer.role.rawValue)" }

    private static func officer(_ text: String) -> Officer? {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let number = UInt64(parts[0]), let role = UInt8(parts[1]).flatMap(Role.init(rawValue:))
        else { return nil }
        return Officer(number: number, role: role)
    }

    private static func hash(_ text: String) throws(CryptographyError) -> String {
        try HashFunction.sha256.hash(Array(text.utf8)).hexadecimal
    }
}
