public import CardCryptography
public import CardLayout
import IssuerKeys

/// The holder's PIN on one card: changed, reset or unblocked in every directory that keeps one (cos-dialects §6.6, card.md §2.1).
///
/// A card whose applications each have a PIN gets the same one everywhere. Nothing is tried twice. An application that is locked stops
/// the service: it is not passed over.
public struct HolderPIN {
    /// What shall be done.
    public enum Act: Sendable {
        /// The holder gives the old PIN and a new one.
        case change(from: PersonalIdentificationNumber, to: PersonalIdentificationNumber)
        /// A new PIN takes the place of the old one, blocked or not, under the issuer's keys.
        case reset(to: PersonalIdentificationNumber)
        /// The PIN gets its tries back and stays, under the issuer's keys.
        case unblock

        /// The new PIN; nil where the old one stays.
        public var newPIN: PersonalIdentificationNumber? {
            switch self {
            case .change(_, let pin), .reset(let pin): pin
            case .unblock: nil
            }
        }

        /// Whether keys of the issuer do it.
        var isOfTheIssuer: Bool { if case .change = self { false } else { true } }
    }

    private let conversation: CardConversation
    private let compiled: CompiledCard

    /// The PIN of the card that a conversation is held with.
    public init(_ conversation: CardConversation, _ compiled: CompiledCard) {
        self.conversation = conversation
        self.compiled = compiled
    }

    /// The directories of a card that have a PIN of their own by its profile.
    public static func directories(of compiled: CompiledCard) -> [CompiledDirectory] {
        compiled.directories.filter { $0.security.keys.contains(where: \.isPIN) }
    }

    /// Does it in each directory that the card has; a new PIN is presented once, which shows that it is there.
    ///
    /// - Parameters:
    ///   - names: only these directories, to finish what was interrupted; all when nil.
    ///   - progress: told the directory that is at work.
    /// - Returns: the directories in which it was done.
    /// - Throws: ``HolderPINError``, which says what is done already.
    public func perform(
        _ act: Act, in names: Set<String>? = nil, progress: (String) -> Void = { _ in }
    ) throws(HolderPINError) -> [String] {
        do throws(HolderPINError) {
            return try serve(act, in: names, progress: progress)
        } catch {
            var told = error
            told.likelyCauses = conversation.diagnosis(readingFrom: compiled.layout)?.faults ?? []
            throw told
        }
    }

    private func serve(
        _ act: Act, in names: Set<String>?, progress: (String) -> Void
    ) throws(HolderPINError) -> [String] {
        try demandCommand(for: act)
        let wanted = Self.directories(of: compiled).filter { names?.contains($0.name) ?? true }
        try checkKeys(for: act, in: wanted)
        var work = Work(left: wanted.map(\.name))
        if act.isOfTheIssuer, let first = wanted.first {
            try work.step(first.name) { () throws(CardError) in _ = try conversation.meet(compiled) }
        }
        // A PIN that is wrong in one application must not be found out after another has been changed.
        if case .change(let old, _) = act, wanted.count > 1 {
            for directory in wanted {
                try work.step(directory.name) { () throws(CardError) in
                    guard try enter(directory), let pin = pinRecord(directory) else { return }
                    try conversation.verifyPIN(pin.identifier, old)
                }
            }
        }
        for directory in wanted {
            progress(directory.name)
            guard let pin = pinRecord(directory) else { continue }
            let isThere = try work.step(directory.name) { () throws(CardError) in try enter(directory) }
            guard isThere else {
                work.leaveOut(directory.name)
                continue
            }
            if act.isOfTheIssuer {
                try work.step(directory.name) { () throws(CardError) in try presentIssuerKeys(for: act, in: directory) }
            }
            try work.step(directory.name, changes: true) { () throws(CardError) in try perform(act, pin, in: directory)
            }
            if let new = act.newPIN {
                try work.step(directory.name, isDone: true) { () throws(CardError) in
                    try conversation.verifyPIN(pin.identifier, new)
                }
            }
            work.finish(directory.name)
        }
        return work.done
    }

    // MARK: -

    /// What is done and what is left, for the error that may come.
    private struct Work {
        var done: [String] = []
        var left: [String]

        mutating func finish(_ name: String) {
            done.append(name)
            leaveOut(name)
        }

        mutating func leaveOut(_ name: String) { left.removeAll { $0 == name } }

        /// - Parameters:
        ///   - changes: true when the step changes the card, so that a lost answer leaves it unknown whether it did.
        ///   - isDone: true when the card has said that it did, and something else stands in the way of believing it.
        func step<Value>(
            _ name: String, changes: Bool = false, isDone: Bool = false, _ body: () throws(CardError) -> Value
        ) throws(HolderPINError) -> Value {
            do throws(CardError) {
                return try body()
            } catch {
                var isUncertain = isDone
                if changes, case .channel = error { isUncertain = true }
                throw HolderPINError(
                    cause: error, directory: name, done: done, left: left, isUncertain: isUncertain)
            }
        }
    }

    private func enter(_ directory: CompiledDirectory) throws(CardError) -> Bool {
        try CardReader(conversation, compiled, presentsKeys: false).entersUnlocked(directory)
    }

    private func pinRecord(_ directory: CompiledDirectory) -> KeyRecord? {
        directory.security.keys.first(where: \.isPIN)
    }

    private func perform(_ act: Act, _ pin: KeyRecord, in directory: CompiledDirectory) throws(CardError) {
        switch act {
        case .change(let old, let new): try conversation.changePIN(pin.identifier, from: old, to: new)
        case .reset(let new):
            let key = CardKeyReference.issuer(KeyName(rawValue: try issuerRecord(for: act, in: directory).name))
            if rules.reset == .reload {
                try conversation.reloadPIN(pin.identifier, to: new, with: key)
            } else {
                try conversation.resetPIN(to: new, with: key)
            }
        case .unblock:
            try conversation.unblockPIN(
                with: .issuer(KeyName(rawValue: try issuerRecord(for: act, in: directory).name)))
        }
    }

    private var rules: PINCommandRules { compiled.profile.pinCommands }

    private func demandCommand(for act: Act) throws(HolderPINError) {
        let isThere =
            switch act {
            case .change: rules.change != .none
            case .reset: rules.reset != .none
            case .unblock: rules.unblock != .none
            }
        guard isThere else {
            throw HolderPINError(
                cause: .noPINCommand(compiled.profile.name), directory: "", done: [], left: [], isUncertain: false)
        }
    }

    /// The key under which the issuer serves the PIN.
    private func issuerRecord(for act: Act, in directory: CompiledDirectory) throws(CardError) -> KeyRecord {
        let type = if case .reset = act { rules.resetKeyType } else { rules.key.type }
        // of several maintenance keys the first is meant; of the others a directory has one
        let records = directory.security.keys.filter { $0.type == type }
        guard let record = records.first(where: { $0.identifier == 0x00 }) ?? records.first else {
            throw .noUnblockKey(directory.name)
        }
        return record
    }

    /// Presents what the key's right of use asks for: PUK, where the profile wants it first.
    private func presentIssuerKeys(for act: Act, in directory: CompiledDirectory) throws(CardError) {
        for record in try presentedRecords(for: act, in: directory) { try conversation.present(record) }
    }

    private func presentedRecords(for act: Act, in directory: CompiledDirectory) throws(CardError) -> [KeyRecord] {
        let record = try issuerRecord(for: act, in: directory)
        let path = AccessPath.find(right: record.useRight, from: 0, own: directory.security, inherited: nil) {
            if case .key(let key) = $0 { !key.isMaster } else { false }
        }
        guard let path else { throw .noUnblockKey(directory.name) }
        return path.map(\.record)
    }

    /// Refuses beforehand what the key service cannot do in all directories together: an approval is spent with the first.
    ///
    /// A directory without such a key says so when it is entered, for the card may not have it.
    private func checkKeys(for act: Act, in directories: [CompiledDirectory]) throws(HolderPINError) {
        let service: CardKeyNeed.PINService
        switch act {
        case .change: return
        case .reset: service = rules.reset == .reload ? .reload : .reset
        case .unblock: service = .unblock
        }
        var needs: [CardKeyNeed] = []
        for directory in directories {
            guard let record = try? issuerRecord(for: act, in: directory),
                let presented = try? presentedRecords(for: act, in: directory)
            else { continue }
            needs += presented.map { .externalAuthentication(.issuer(KeyName(rawValue: $0.name))) }
            needs.append(.pinService(service, .issuer(KeyName(rawValue: record.name))))
        }
        do throws(CardKeyError) {
            try conversation.keys.check(needs, of: conversation.context)
        } catch {
            let names = directories.map(\.name)
            throw HolderPINError(
                cause: .keys(error), directory: names.first ?? "", done: [], left: names, isUncertain: false)
        }
    }
}
