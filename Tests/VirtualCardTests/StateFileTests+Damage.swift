import ByteText
import CardCryptography
import CardLayout
import Foundation
import Testing
import VirtualCard

/// What is left of a card whose file was torn, cut, changed, or is another one.
extension StateFileTests {
    /// A program that died while writing has left the temporary file; the card's own file is whole.
    @Test func anInterruptedWriteLeavesTheOldContent() throws {
        try makeBlank()
        let card = try open()
        try fill(card)
        card.powerOff()
        let content = try folder.content()
        try folder.put(Array(content.prefix(content.count / 2)), "card.state.new")
        let again = try open()
        #expect(again.image == Array(content.dropLast(32)))
        try send(again, "00D684000166")
        #expect(try open().image == again.image)
        #expect(again.image != Array(content.dropLast(32)))
    }

    @Test func aFileCutAnywhereIsRefused() throws {
        try makeBlank()
        let card = try open()
        try fill(card)
        let content = try folder.content()
        for count in content.indices {
            try folder.put(Array(content.prefix(count)))
            let error = #expect(throws: StateFileError.self, "\(count) bytes") { try open() }
            guard case .damaged = error else {
                Issue.record("\(count) bytes: \(String(describing: error))")
                return
            }
        }
    }

    /// Damage on the disk is told and not believed: every byte of the file counts.
    @Test func aChangedBitAnywhereIsNoticed() throws {
        try makeBlank()
        let card = try open()
        try fill(card)
        let content = try folder.content()
        for index in content.indices {
            var damaged = content
            damaged[index] ^= 1 << (index % 8)
            try folder.put(damaged)
            #expect(throws: StateFileError.self, "byte \(index)") { try open() }
        }
        var damaged = content
        damaged[content.count - 40] ^= 0x01
        try folder.put(damaged)
        #expect(throws: StateFileError.checksum) { try open() }
    }

    /// A file of the first version, as the program before this one wrote it: it opens and is written anew with a checksum.
    @Test func aFileOfTheFirstVersionStillOpens() throws {
        try folder.put(
            try bytes(
                """
                5353564300010000000A666D636F732D73737365000000113B6D00000090465331864900000000000100013F000000000E315041592E\
                5359532E4444463031F0F0010000800001000000F0F000023900F0F0AA33000000100123456789ABCDEFFEDCBA98765432103A00F0EF\
                0133000000021234000200012C00F0F0FF00000040000207330811000000000000010000000301011100042800F0F0FF000000100000\
                010000001055FFFFFFFFFFFFFFFFFFFFFFFFFFFFFF000000013F01000000054144463031F0F0FF0000040000000100012800F0F0FF00\
                0000100000000000000000000000
                """))
        let card = try open()
        #expect(card.respond(to: try bytes("00B2010C03")).hexadecimal == "0101119000")
        #expect(card.respond(to: try bytes("00200000020000")).hexadecimal == "63C2")
        #expect(Array(try folder.content().prefix(6)) == Array("SSVC".utf8) + [0x00, 0x02])
        let again = try open()
        #expect(again.image == card.image)
        #expect(again.respond(to: try bytes("00B0840001")).hexadecimal == "559000")
    }

    /// The parser behind the checksum: damage that carries a right checksum is still refused or harmless.
    @Test func damagedBytesNeverMakeItTrap() throws {
        try makeBlank()
        let card = try open()
        try fill(card)
        let content = try folder.memory()
        let commands = try ["00A40000023F01", "00B2010C03", "00B0840001", "00E2000803010111", "00200000021234"]
            .map(bytes)
        for index in content.indices {
            for change in [0x01, 0x80, 0xFF] as [UInt8] {
                var damaged = content
                damaged[index] ^= change
                try folder.put(damaged + HashFunction.sha256.hash(damaged))
                do {
                    let card = try VirtualCard.open(stateFile: folder.file) { _ in try profile() }
                    for command in commands { #expect(card.respond(to: command).count >= 2) }
                } catch {
                    #expect(error is StateFileError, "byte \(index): \(error)")
                }
            }
        }
    }

    private func profile() throws -> COSProfile { try Self.shared.get() }

    private static let shared = Result { try TestProfile.socialSecurity() }

    @Test func otherFilesAreTold() throws {
        #expect(throws: StateFileError.cannotOpen(folder.file, ENOENT)) { try open() }
        try folder.put(Array("SSVX and so on".utf8))
        #expect(throws: StateFileError.notAStateFile) { try open() }
        try folder.put(Array("SSVC".utf8) + [0x00, 0x03, 0x00])
        #expect(throws: StateFileError.unknownVersion(3)) { try open() }
        try FileManager.default.removeItem(atPath: folder.file)
        try makeBlank()
        let content = try folder.content()
        try folder.put(content + [0])
        #expect(throws: StateFileError.damaged(offset: content.count - 32)) { try open() }
    }
}
