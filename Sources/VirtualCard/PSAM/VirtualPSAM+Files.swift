import ByteText
import CardLayout
import ISO7816

/// Selecting, reading and writing.
extension VirtualPSAM {
    private static let masterFile: UInt16 = 0x3F00
    private static let application: UInt16 = 0xDF01
    private static let masterFileName = Array("1PAY.SYS.DDF01".utf8)

    /// SELECT by name or identifier; a directory answers with its name.
    func select(_ command: CommandAPDU) throws -> [UInt8] {
        guard command.p2 == 0 else { throw Refusal(.incorrectParameters) }
        switch command.p1 {
        case 0x04:
            switch command.data {
            case profile.application: return enter(isApplication: true)
            case Self.masterFileName: return enter(isApplication: false)
            default: throw Refusal(.fileNotFound)
            }
        case 0x00:
            guard command.data.isEmpty || command.data.count == 2 else { throw Refusal(.wrongLength) }
            let identifier = UInt16(bigEndianBytes: command.data) ?? Self.masterFile
            if identifier == Self.masterFile { return enter(isApplication: false) }
            if identifier == Self.application { return enter(isApplication: true) }
            if session.isInApplication, isKeyFile(identifier) {
                session.keyFile = identifier
                session.file = identifier
                session.calculation = nil
                return []
            }
            guard isHere(identifier) else { throw Refusal(.fileNotFound) }
            session.file = identifier
            return []
        default: throw Refusal(.incorrectParameters)
        }
    }

    private func enter(isApplication: Bool) -> [UInt8] {
        let name = isApplication ? profile.application : Self.masterFileName
        // the master key belongs to the whole module, so what it opened stays open
        let isMasterProved = session.isMasterProved
        session = PSAMSession()
        session.isMasterProved = isMasterProved
        session.isInApplication = isApplication
        session.keyFile = isApplication ? profile.tripleDES.keyFile : nil
        return [0x6F, UInt8(name.count + 2), 0x84, UInt8(name.count)] + name
    }

    /// Whether a file is a key file of the application.
    func isKeyFile(_ identifier: UInt16) -> Bool {
        identifier == profile.tripleDES.keyFile || (identifier == profile.sm4.keyFile && profile.knowsSM4(version))
    }

    /// Whether an elementary file stands in the current directory.
    private func isHere(_ identifier: UInt16) -> Bool {
        memory.files[identifier] != nil && (identifier == profile.areaFile) == session.isInApplication
    }

    /// READ BINARY by short identifier or in the current file.
    func readBinary(_ command: CommandAPDU) throws -> [UInt8] {
        guard command.data.isEmpty else { throw Refusal(.wrongLength) }
        let (content, offset) = (try file(of: command).content, Int(offset(of: command)))
        guard offset < content.count else { throw Refusal(.offsetOutside) }
        let rest = Array(content[offset...])
        guard let expected = command.expectedLength, expected < rest.count else { return rest }
        return Array(rest.prefix(expected))
    }

    /// UPDATE BINARY; needs the master key.
    func updateBinary(_ command: CommandAPDU) throws {
        guard !command.data.isEmpty else { throw Refusal(.wrongLength) }
        var (identifier, content) = try file(of: command)
        guard session.isMasterProved else { throw Refusal(.securityStatusNotSatisfied) }
        let offset = Int(offset(of: command))
        guard offset + command.data.count <= content.count else { throw Refusal(.offsetOutside) }
        content.replaceSubrange(offset..<offset + command.data.count, with: command.data)
        memory.files[identifier] = content
    }

    private func file(of command: CommandAPDU) throws -> (identifier: UInt16, content: [UInt8]) {
        if command.p1 & 0x80 != 0 {
            guard command.p1 & 0x60 == 0 else { throw Refusal(.incorrectParameters) }
            session.file = UInt16(command.p1 & 0x1F)
        }
        guard let identifier = session.file else { throw Refusal(.noCurrentFile) }
        guard !isKeyFile(identifier) || !session.isInApplication else { throw Refusal(.incompatibleFileStructure) }
        guard isHere(identifier), let content = memory.files[identifier] else { throw Refusal(.fileNotFound) }
        return (identifier, content)
    }

    private func offset(of command: CommandAPDU) -> UInt16 {
        command.p1 & 0x80 != 0 ? UInt16(command.p2) : UInt16(command.p1) << 8 | UInt16(command.p2)
    }
}
