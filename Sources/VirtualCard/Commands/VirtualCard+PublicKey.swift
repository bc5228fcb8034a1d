import CardCryptography
import CardLayout
import ISO7816

/// The card's own SM2 key pair (card.md §3.6): made inside, shown by its public half, and used to sign; the private half has no
/// way out.
extension VirtualCard {
    /// Answers the profile's commands for the pair; nil for any other command.
    func publicKeyCommand(_ command: CommandAPDU) throws -> Result? {
        guard let rules = profile.publicKeys else { return nil }
        let header = [command.cla, command.ins, command.p1, command.p2]
        guard header == rules.make || header == rules.sign else { return nil }
        try demandUnlocked(command)
        let directory = try currentDirectory()
        guard keepsPair(directory, rules) else { throw Refusal(.functionNotSupported) }
        return header == rules.make
            ? try makePair(command, rules, in: directory) : try sign(command, in: directory)
    }

    /// The pair belongs to the directory that has the keys which the profile names for it, whatever its identifier.
    private func keepsPair(_ directory: DirectoryNode, _ rules: PublicKeyRules) -> Bool {
        guard let own = profile.directories[rules.directory], let keyFile = directory.keyFile else { return false }
        return own.keys.allSatisfy { keyFile.index(baseType: $0.type, identifier: $0.identifier) != nil }
    }

    private func makePair(
        _ command: CommandAPDU, _ rules: PublicKeyRules, in directory: DirectoryNode
    ) throws -> Result {
        guard command.data.isEmpty else { throw Refusal(.wrongLength) }
        guard session.isMet(rules.makeRight) else { throw Refusal(.securityStatusNotSatisfied) }
        let pair = try SM2.SigningKey.generate()
        let record = KeySlot(
            type: KeySlot.pairType, identifier: 0x00, useRight: rules.signRight, changeRight: rules.makeRight,
            nextState: 0xFF, counter: 0xFF, value: try pair.der().unprotectedCopy())
        directory.keyFile?.slots.removeAll { $0.type == KeySlot.pairType }
        directory.keyFile?.slots.append(record)
        directory.files.removeAll { $0.identifier == rules.file }
        let file = FileNode(
            identifier: rules.file, kind: .transparent, protection: 0, capacity: PublicKeyRules.fileLength,
            recordLength: 0, readRight: 0xF0, writeRight: 0xEF, control: 0xFF, recordRights: [:])
        file.bytes = rules.header + pair.verificationKey.point.dropFirst()
        file.isWritten = true
        directory.files.append(file)
        isChanged = true
        return Result()
    }

    private func sign(_ command: CommandAPDU, in directory: DirectoryNode) throws -> Result {
        guard command.data.count == 32 else { throw Refusal(.wrongLength) }
        guard let record = directory.keyFile?.slots.first(where: { $0.type == KeySlot.pairType }) else {
            throw Refusal(.keyIndexNotSupported)
        }
        guard session.isMet(record.useRight) else { throw Refusal(.securityStatusNotSatisfied) }
        let pair = try SecretBytes(copying: record.value).withSpan { span throws(CryptographyError) in
            try SM2.SigningKey(der: span)
        }
        return Result(data: try pair.sign(digest: command.data))
    }
}
