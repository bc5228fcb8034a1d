import CPCSC
public import CardData

/// The readers that are attached.
public enum ReaderList {
    /// The most reader slots that pcsc-lite serves; a seventeenth stays invisible (`PCSCLITE_MAX_READERS_CONTEXTS`).
    public static let limit = 16

    /// What whoever sees ``limit`` readers is told: another one would stay invisible.
    public static var limitReached: Fault { Fault("reader.limit-reached", ["limit": String(limit)]) }

    /// All reader slots with what is in them, in the service's order, which changes with plugging.
    ///
    /// - Returns: none when no reader is attached.
    /// - Throws: ``ReaderError`` when the service is not running or refuses.
    public static func current() throws(ReaderError) -> [ReaderDescription] {
        let context = try PCSCContext.establish()
        do throws(PCSCFailure) {
            return try statuses(context).map(\.description)
        } catch {
            throw error.readerError()
        }
    }

    /// The status of all reader slots, now.
    static func statuses(_ context: borrowing PCSCContext) throws(PCSCFailure) -> [ReaderStatus] {
        let names = try context.readerNames()
        guard !names.isEmpty else { return [] }
        let unaware = names.map { (name: $0, known: DWORD(SCARD_STATE_UNAWARE)) }
        return try readerStatus(context.handle, unaware, milliseconds: 0) ?? []
    }

    /// Takes hold of a slot without its card and lets go of it: polkit may let a user reach the service and forbid that (`access_card`).
    ///
    /// Blocks as long as another program has a card of the slot in hand.
    ///
    /// - Throws: ``ReaderError/accessRefused``, and what else stands against it.
    public static func tryHolding(_ reader: ReaderName) throws(ReaderError) {
        let context = try PCSCContext.establish()
        var handle: SCARDHANDLE = 0
        var activeProtocol: DWORD = 0
        do throws(PCSCFailure) {
            try check(
                SCardConnect(
                    context.handle, reader.rawValue, DWORD(SCARD_SHARE_DIRECT), 0, &handle, &activeProtocol),
                "SCardConnect")
        } catch {
            // Who has it to themselves forbids it to nobody for good.
            guard error.code != SCARD_E_SHARING_VIOLATION else { return }
            throw error.readerError(reader)
        }
        SCardDisconnect(handle, DWORD(SCARD_LEAVE_CARD))
    }

    /// The reader that a person means.
    ///
    /// A text means the slot of that name, or else the only slot whose name contains it in any case. No text means the
    /// only slot with a card in it, SAM slots left aside, or else the only slot there is.
    ///
    /// - Parameter held: a slot that is no choice, for it holds the terminal's own security module.
    /// - Throws: ``ReaderError/noReader``, ``ReaderError/noCardAnywhere(_:)`` when several slots are all empty, ``ReaderError/readerNotFound(_:available:)``,
    ///   ``ReaderError/ambiguous(_:matches:)``, or what ``current()`` throws.
    public static func reader(
        named text: String?, besides held: ReaderName? = nil
    ) throws(ReaderError) -> ReaderDescription {
        try choose(text, among: current().filter { $0.name != held })
    }

    static func choose(_ text: String?, among readers: [ReaderDescription]) throws(ReaderError) -> ReaderDescription {
        guard !readers.isEmpty else { throw .noReader }
        let candidates: [ReaderDescription]
        if let text {
            if let exact = readers.first(where: { $0.name.rawValue == text }) { return exact }
            candidates = readers.filter { $0.name.rawValue.lowercased().contains(text.lowercased()) }
        } else {
            let holderSlots = readers.filter { !$0.name.looksLikeSAMSlot }
            let filled = holderSlots.filter(\.isCardPresent)
            if filled.isEmpty, holderSlots.count > 1 { throw .noCardAnywhere(holderSlots.map(\.name)) }
            candidates = filled.isEmpty ? holderSlots : filled
        }
        guard let first = candidates.first else {
            throw text.map { .readerNotFound($0, available: readers.map(\.name)) } ?? .noReader
        }
        guard candidates.count == 1 else { throw .ambiguous(text, matches: candidates.map(\.name)) }
        return first
    }
}
