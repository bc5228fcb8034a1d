import ByteText
public import CardLayout
import ISO7816
import IssuerKeys

/// One error counter of a card: that of a key or PIN record.
public struct TryCounter: Hashable, Sendable {
    /// The record's name and identifier, for example `RK1DF04/A9`.
    public let name: String
    /// The tries of a full counter, as the profile loads it.
    public let full: Int

    /// The identifier of the PIN whose counter it is; nil for that of a key.
    let pinIdentifier: UInt8?
    /// The issuer's key whose presentation it counts: what authenticates to the card, and what vouches for PIN commands; nil for a PIN, a
    /// line key and a security domain, which proves itself before.
    let issuerKey: KeyName?
    /// Other names under which its tries may stand noted: its directory was selected in another way then.
    let otherNames: [String]
    /// Whether a command that reads is counted: the card may compare its MAC without counting it.
    let isOfReading: Bool
    /// Counters of the same directory's line keys: what failed under them stands in one row with what fails under this one.
    let rowNames: [String]
    /// Whether it is that of a blank's transport code: what the card says of a wrong one is not known.
    let isOfTransportCode: Bool
    /// True where it is not certain that the command moves this counter: whatever the card says gives it no try back.
    private(set) var isAssumed = false

    /// The same counter, of which it is not certain that a command moves it.
    var assumed: TryCounter {
        var counter = self
        counter.isAssumed = true
        return counter
    }

    /// The counter of a blank's transport code.
    init(transportCode tries: Int) {
        name = "transport-code"
        full = tries
        pinIdentifier = nil
        issuerKey = nil
        otherNames = []
        isOfReading = false
        rowNames = []
        isOfTransportCode = true
    }

    /// The counter of a security domain's key set, by its name and version on the card.
    init(securityDomain keySet: String, version: UInt8, full: Int) {
        name = "\(keySet)/\(version.hexadecimal)"
        self.full = full
        pinIdentifier = nil
        issuerKey = nil
        otherNames = []
        isOfReading = false
        rowNames = []
        isOfTransportCode = false
    }

    /// The counter of a key or PIN record.
    ///
    /// - Parameters:
    ///   - directory: where it is, where several directories have a record of that name.
    ///   - full: the tries of a full counter, where they are not those of the record.
    public init(_ record: KeyRecord, in directory: SelectedDirectory? = nil, full: Int? = nil) {
        let place = "\(record.name)/\([record.identifier].hexadecimal)"
        let names = directory?.selections.map { "\(place)@\($0.hexadecimal)" } ?? []
        name = names.first ?? place
        otherNames = Array(names.dropFirst())
        self.full = full ?? Int(record.tries)
        pinIdentifier = record.isPIN ? record.identifier : nil
        issuerKey = record.isPIN ? nil : KeyName(rawValue: record.name)
        isOfReading = false
        rowNames = []
        isOfTransportCode = false
    }

    /// The counter of a key that the profile does not name, under the directory in which the card looks for it.
    ///
    /// - Parameter full: the tries of a full counter, as far as anybody can tell.
    init(unnamedKey reference: UInt8, in directory: SelectedDirectory, full: Int) {
        let key = "39/\([reference].hexadecimal)"
        let names = directory.selections.map { "\(key)@\($0.hexadecimal)" }
        name = names.first ?? key
        otherNames = Array(names.dropFirst())
        issuerKey = KeyName(rawValue: key)
        self.full = full
        pinIdentifier = nil
        isOfReading = false
        rowNames = []
        isOfTransportCode = false
    }

    /// The counter of a key whose name and identifier other directories have too; earlier records have no directory in its name.
    init(_ record: KeyRecord, inDirectory directory: String) {
        let place = "\(record.name)/\([record.identifier].hexadecimal)"
        name = "\(place)@\(directory)"
        otherNames = [place]
        full = Int(record.tries)
        pinIdentifier = nil
        issuerKey = KeyName(rawValue: record.name)
        isOfReading = false
        rowNames = []
        isOfTransportCode = false
    }

    /// The counter of a line key's wrong MACs: the third in a row locks its directory for good (cos-dialects §11.2).
    ///
    /// Commands that read have one of their own: what they give back when the card takes a MAC is only what they cost, for a card need not
    /// count them. Of the other counters of the directory each failure is one in the same row.
    ///
    /// - Parameters:
    ///   - directory: all keys of the directory.
    ///   - place: its name, where other directories have a line key of that name too.
    init(line record: KeyRecord, isOfReading: Bool, among directory: [KeyRecord], in place: String?) {
        // its name and identifier may be those of another key, the one that unlocks the PIN
        func name(_ record: KeyRecord, _ isOfReading: Bool) -> String {
            "\(record.name)/36.\([record.identifier].hexadecimal)" + (isOfReading ? ".read" : "")
                + (place.map { "@\($0)" } ?? "")
        }
        let own = name(record, isOfReading)
        self.name = own
        self.isOfReading = isOfReading
        full = 3
        pinIdentifier = nil
        issuerKey = nil
        otherNames = place.map { [String(own.dropLast($0.count + 1))] } ?? []
        rowNames = directory.filter { $0.type == 0x36 }.flatMap { [name($0, false), name($0, true)] }
            .filter { $0 != own }
        isOfTransportCode = false
    }
}

extension COSProfile {
    /// The counter that an operation moves; nil for operations that cost no try, and for keys that the profile does not name.
    ///
    /// The published transport key and the issuer's master key take turns in one record, 39/00 of their directory.
    ///
    /// - Parameters:
    ///   - directory: the current one; counts for a PIN where each directory has its own, and for commands in bytes.
    ///   - keySet: what the last INITIALIZE UPDATE asked for; counts for EXTERNAL AUTHENTICATE of a secure channel in bytes.
    public func tryCounter(
        of operation: CardOperation, in directory: SelectedDirectory? = nil, keySet: AskedKeySet? = nil
    ) -> TryCounter? {
        if case .verifyPIN(let identifier, _) = operation { return pinCounter(identifier, in: directory) }
        if case .presentTransportCode = operation { return transportTries.map(TryCounter.init(transportCode:)) }
        if case .fixed(let command) = operation {
            return tryCounter(of: command, in: directory, keySet: keySet)
        }
        if case .securityDomain(.externalAuthenticate(let settings)) = operation, let globalPlatform {
            return TryCounter(
                securityDomain: settings.keySet, version: settings.keyVersion, full: globalPlatform.authenticationTries)
        }
        if case .protected(let command, .issuer(let name), _) = operation {
            return lineCounter(isOfReading: ProtectedCommands.isRead(command), in: places(from: directory)) {
                $0.name == name.rawValue
            }
        }
        switch operation {
        case .authenticate(.issuer(let name), let identifier, _):
            return counter(in: places(from: directory)) {
                $0.type == 0x39 && $0.reference == identifier && $0.name == name.rawValue
            }
        case .authenticate(.transport, let identifier, _): return authenticationCounter(identifier, in: directory)
        default: return nil
        }
    }

    /// The names of all directories, the current one first.
    private func places(from directory: SelectedDirectory?) -> [String] {
        let all = directories.keys.sorted()
        guard let current = directory?.name, all.contains(current) else { return all }
        return [current] + all.filter { $0 != current }
    }

    /// The counter of the first key in some directories.
    private func counter(in places: [String], _ isMeant: (KeyRecord) -> Bool) -> TryCounter? {
        for place in places {
            guard let record = directories[place]?.keys.first(where: isMeant) else { continue }
            return isShared(record, outside: place) ? TryCounter(record, inDirectory: place) : TryCounter(record)
        }
        return nil
    }

    /// Whether another directory has a key with the same name, type and identifier: another record, with tries of its own.
    private func isShared(_ record: KeyRecord, outside place: String) -> Bool {
        directories.contains { name, directory in
            name != place
                && directory.keys.contains {
                    $0.name == record.name && $0.type == record.type && $0.identifier == record.identifier
                }
        }
    }

    /// The counter of a line key; nil where none of the directories has such a key.
    private func lineCounter(
        isOfReading: Bool, in places: [String], _ isMeant: (KeyRecord) -> Bool
    ) -> TryCounter? {
        for place in places {
            guard let keys = directories[place]?.keys,
                let record = keys.first(where: { $0.type == 0x36 && isMeant($0) })
            else { continue }
            return TryCounter(
                line: record, isOfReading: isOfReading, among: keys, in: isShared(record, outside: place) ? place : nil)
        }
        return nil
    }

    /// The counter that a command moves which somebody wrote byte by byte, at the shell for instance: VERIFY, CHANGE PIN and EXTERNAL
    /// AUTHENTICATE, PIN UNBLOCK and RELOAD PIN with the key that vouches for them, what reads, writes, locks and opens under line
    /// protection, and EXTERNAL AUTHENTICATE of a secure channel.
    private func tryCounter(
        of command: CommandAPDU, in directory: SelectedDirectory?, keySet: AskedKeySet?
    ) -> TryCounter? {
        if let transportTries, commands[.transportCode]?.headerValues(of: command) != nil {
            return TryCounter(transportCode: transportTries)
        }
        switch (command.cla & 0x80, command.ins) {
        case (0x00, 0x20) where !command.data.isEmpty, (0x80, 0x5E) where command.p1 == 0x01:
            return pinCounter(command.p2, in: directory)
        case (0x80, 0x24): return vouchingCounter(ofType: pinCommands.key.type, in: directory)
        case (0x80, 0x5E) where command.p1 == 0x00: return vouchingCounter(ofType: 0x38, in: directory)
        case (0x80, 0x82): return globalPlatform.map { $0.tryCounter(of: keySet ?? AskedKeySet(version: 0x00)) }
        case (0x00, 0x82):
            return authenticationCounter(command.p2, in: directory)
        default: return typedLineCounter(of: command, in: directory)
        }
    }

    /// The line key of a protected command in bytes: that of the whole card for CARD BLOCK, a directory's lock key for its own locking, else
    /// the directory's first, for which key a file has is not known here.
    private func typedLineCounter(of command: CommandAPDU, in directory: SelectedDirectory?) -> TryCounter? {
        guard command.cla & 0x04 != 0, !command.data.isEmpty,
            let kind = ProtectedCommands.kind(ofInstruction: command.ins),
            (command.cla & 0x80 != 0) == (kind == .locking)
        else { return nil }
        let place = command.ins == 0x16 || directory == nil ? "MF" : directory?.name
        guard let place, let keys = directories[place]?.keys else { return nil }
        let identifiers = kind == .locking && command.ins != 0x16 ? secureMessaging.lockKeys : [0x00]
        let chosen = identifiers.first { identifier in keys.contains { $0.type == 0x36 && $0.identifier == identifier }
        }
        return lineCounter(isOfReading: kind == .reading, in: [place]) { chosen == nil || $0.identifier == chosen }
    }

    /// The counter of the key that vouches for PIN commands in a directory: its own, else the one that the profile has.
    private func vouchingCounter(ofType type: UInt8, in directory: SelectedDirectory?) -> TryCounter? {
        let own = directory?.name.flatMap { directories[$0] }?.keys.first { $0.type == type }
        guard let record = own ?? pinDirectoryKey(ofType: type) else { return nil }
        return tryCounter(ofPINKey: record, in: directory)
    }

    /// A key that vouches for PIN commands, from a directory that has a PIN, for every directory has a maintenance key.
    private func pinDirectoryKey(ofType type: UInt8) -> KeyRecord? {
        for directory in directories.values where directory.keys.contains(where: \.isPIN) {
            if let record = directory.keys.first(where: { $0.type == type }) { return record }
        }
        return keyRecord { $0.type == type }
    }

    /// A maintenance key has one counter, whatever it protects.
    private func tryCounter(ofPINKey record: KeyRecord, in directory: SelectedDirectory?) -> TryCounter? {
        guard record.type == 0x36 else { return TryCounter(record, in: ownPlace(directory)) }
        return lineCounter(isOfReading: false, in: places(from: directory)) { $0 == record }
    }

    /// The counter that a command fills again when the card takes it: that of the PIN which PIN UNBLOCK and RELOAD PIN replace.
    func counterFilled(by operation: CardOperation, in directory: SelectedDirectory?) -> TryCounter? {
        guard case .fixed(let command) = operation, command.cla & 0x80 != 0,
            command.ins == 0x24 || command.ins == 0x5E && command.p1 == 0x00
        else { return nil }
        return pinCounter(in: directory)
    }

    /// The counter of the PIN that a directory's commands find, whatever its identifier: the directory's own, else the one that the profile has.
    func pinCounter(in directory: SelectedDirectory?) -> TryCounter? {
        let own = directory?.name.flatMap { directories[$0] }?.keys.first(where: \.isPIN)
        return (own ?? keyRecord(\.isPIN)).map { TryCounter($0, in: ownPlace(directory)) }
    }

    /// The counter of the PIN that a directory's commands find.
    func pinCounter(_ identifier: UInt8, in directory: SelectedDirectory?) -> TryCounter? {
        keyRecord { $0.isPIN && $0.identifier == identifier }.map { TryCounter($0, in: ownPlace(directory)) }
    }

    /// The counter of a key that protects PIN commands: 36 or 37 (unblock, reset), or 38 (reload); nil where the profile names none.
    func tryCounter(ofType type: UInt8, _ key: CardKeyReference, in directory: SelectedDirectory?) -> TryCounter? {
        guard case .issuer(let name) = key else { return nil }
        return keyRecord { $0.type == type && $0.name == name.rawValue }
            .flatMap { tryCounter(ofPINKey: $0, in: directory) }
    }

    /// The directory, where a PIN and its keys belong to their directory alone.
    private func ownPlace(_ directory: SelectedDirectory?) -> SelectedDirectory? {
        pinLookup == .own ? directory : nil
    }

    /// The counter of the key that EXTERNAL AUTHENTICATE finds in a directory, in the master file where none is told or P2 says so.
    private func authenticationCounter(_ reference: UInt8, in directory: SelectedDirectory?) -> TryCounter? {
        let isGlobal = directory == nil || hasLocalKeyBit && reference & 0x80 == 0
        let name = isGlobal ? SelectedDirectory.masterFile.name : directory?.name
        return counter(in: [name].compactMap(\.self)) { $0.type == 0x39 && $0.reference == reference }
    }

    /// The counter of the key that EXTERNAL AUTHENTICATE wants and no directory that may be the current one is known to have: it is counted
    /// in the directory that is selected, with as few tries as any key of the profile has.
    func unnamedKeyCounter(of operation: CardOperation, in directory: SelectedDirectory?) -> TryCounter? {
        let reference: UInt8
        switch operation {
        case .authenticate(_, let identifier, _): reference = identifier
        case .fixed(let command) where command.cla & 0x80 == 0 && command.ins == 0x82: reference = command.p2
        default: return nil
        }
        let isGlobal = directory == nil || hasLocalKeyBit && reference & 0x80 == 0
        let tries = directories.values.flatMap(\.keys).filter { $0.type == 0x39 }.map { Int($0.tries) }.min()
        return TryCounter(
            unnamedKey: reference, in: isGlobal ? .masterFile : directory ?? .masterFile, full: tries ?? 3)
    }

    private func keyRecord(_ isMeant: (KeyRecord) -> Bool) -> KeyRecord? {
        for directory in directories.values {
            if let record = directory.keys.first(where: isMeant) { return record }
        }
        return nil
    }
}

/// The keys of a security domain that INITIALIZE UPDATE asked for.
public struct AskedKeySet: Hashable, Sendable {
    /// P1: their version, or 00 for those that the card uses by itself.
    public let version: UInt8
    /// The version of those that answered, behind ten bytes of diversification data; nil where none did.
    public let answered: UInt8?

    /// What a command asked for, and what the card answered.
    public init(version: UInt8, answer: [UInt8] = []) {
        self.version = version
        answered = answer.dropFirst(10).first
    }
}

extension GlobalPlatformProfile {
    /// The counter of a key set: the one that blanks come with, which its version tells, else the one that cards are left with.
    ///
    /// It has the version by which plans ask for the set, whichever was typed: a set has one counter.
    fileprivate func tryCounter(of asked: AskedKeySet) -> TryCounter {
        let isOfBlank = asked.answered.map { $0 == blankKeys.version } ?? (asked.version == keyVersion)
        let left = isOfBlank ? nil : keyReplacement?.keySet
        return TryCounter(
            securityDomain: left ?? keySet, version: left == nil ? keyVersion : 0x00, full: authenticationTries)
    }
}
