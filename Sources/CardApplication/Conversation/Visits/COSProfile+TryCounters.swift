import ByteText
public import CardLayout
import ISO7816
import IssuerKeys

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

    /// The counters of which a typed command moves one, where its bytes do not say which: PIN UNBLOCK of TimeCOS (`80 2C`, cos-dialects §6.6) vouches
    /// with a key of its own kind, and a protected WRITE KEY (`84 D4`, §5) with a master key whose place depends on the card's state.
    ///
    /// Empty for all other commands.
    func countersPerhaps(movedBy operation: CardOperation, in directory: SelectedDirectory?) -> [TryCounter] {
        guard case .fixed(let command) = operation, !command.data.isEmpty, command.cla & 0x80 != 0,
            command.ins == 0x2C || command.ins == 0xD4 && command.cla & 0x04 != 0
        else { return [] }
        let own = [directory?.name].compactMap(\.self).filter { directories[$0] != nil }
        return (own.isEmpty ? directories.keys.sorted() : own).flatMap { name in
            (directories[name]?.keys ?? []).filter { $0.isCounted && !$0.isPIN }.map {
                counter(of: $0, in: name, directory)
            }
        }
    }

    /// The counter of a key or PIN of a directory, under the name that it has wherever it is counted.
    private func counter(of record: KeyRecord, in name: String, _ directory: SelectedDirectory?) -> TryCounter {
        let own =
            switch record.type {
            case 0x36: lineCounter(isOfReading: false, in: [name]) { $0 == record }
            case 0x39: counter(in: [name]) { $0 == record }
            default: nil as TryCounter?
            }
        return own ?? TryCounter(record, in: ownPlace(directory))
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
