import CardApplication
import CardData
public import CardLayout
public import ISO7816
public import IssuerKeys
public import SmartCardReader

/// The slot that a terminal's security module is in.
public enum PSAMSlot {
    /// The slot of that name, or the only one with a card whose name contains the text; for an empty text the only slot for security
    /// modules with something in it.
    ///
    /// Throws `psam.no-slot` where no reader's name says that it is such a slot, and as a reader's look-up does.
    public static func named(_ text: String) throws -> ReaderName {
        let readers = try ReaderList.current()
        if let exact = readers.first(where: { $0.name.rawValue == text }) { return exact.name }
        let meant = readers.filter { reader in
            text.isEmpty
                ? reader.name.looksLikeSAMSlot : reader.name.rawValue.lowercased().contains(text.lowercased())
        }
        guard let any = meant.first else {
            if text.isEmpty {
                let names = readers.map { "“\($0.name)”" }.joined(separator: ", ")
                throw Faults("psam.no-slot", ["readers": names.isEmpty ? "–" : names])
            }
            throw ReaderError.readerNotFound(text, available: readers.map(\.name))
        }
        // readers with several slots for modules show them all, most of them empty
        let filled = meant.filter(\.isCardPresent)
        guard let first = filled.first else { throw ReaderError.noCard(any.name) }
        guard filled.count == 1 else {
            throw Faults("psam.several-slots", ["readers": filled.map { "“\($0.name)”" }.joined(separator: ", ")])
        }
        return first.name
    }
}

extension PSAMSlot {
    /// Uses what is in a slot; what turns out to be no PSAM is told with the slot's name.
    public static func naming<Value>(_ slot: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch CardKeyError.module(.notAModule) {
            throw Faults("psam.not-a-module", ["slot": slot])
        }
    }
}

extension LayoutLibrary {
    /// The profile of the PSAM that gave this answer to reset; throws `psam.not-a-module` when none fits.
    public func psamProfile(answering answer: AnswerToReset) throws -> PSAMProfile {
        for name in try psamProfileNames {
            let profile = try psamProfile(named: name)
            if answer.bytes.starts(with: profile.answerToResetPrefix) { return profile }
        }
        throw CardKeyError.module(.notAModule)
    }
}

extension KeyBackEnd {
    /// The PSAM in a slot, which is held until the back-end is let go of.
    ///
    /// - Parameter notice: told of a module that has fallen silent.
    public static func module(
        inSlot text: String, library: LayoutLibrary, hierarchy: KeyHierarchy,
        notice: @escaping @Sendable (WaitingNotice) -> Void
    ) throws -> KeyBackEnd {
        let name = try PSAMSlot.named(text)
        let channel = try HeldCard(name, notice: notice)
        return try PSAMSlot.naming(name.rawValue) {
            let dialect = PSAMDialect(try library.psamProfile(answering: channel.answerToReset))
            return KeyBackEnd(
                service: try PSAMKeyService(channel, dialect: dialect, hierarchy: hierarchy), heldReader: name)
        }
    }
}
