import CardLayout
import Foundation
import ISO7816
import Testing

@testable import VirtualCard

/// The state file of a GlobalPlatform card: whole, checked, and written before the answer.
@Suite struct GlobalPlatformStateFileTests {
    private static let home = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    private static let serialNumber: [UInt8] = [0x99, 0x01, 0x00, 0x00, 0x00, 0x07]

    private func profile() throws -> GlobalPlatformProfile {
        try LayoutLibrary(home: Self.home).globalPlatformProfile(named: "globalplatform")
    }

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func open(_ path: String) throws -> GlobalPlatformCard {
        let profile = try profile()
        return try #require(try GlobalPlatformCard(stateFile: path) { _ in profile })
    }

    @Test func aBlankComesBackAsItWas() throws {
        try withFolder { folder in
            let path = folder + "/a.card"
            try GlobalPlatformCard.makeBlank(profile: profile(), serialNumber: Self.serialNumber, stateFile: path)
            let card = try open(path)
            #expect(card.answerToReset == (try profile()).answerToResetPrefix + Self.serialNumber)
            // KEYDATA: the master key's identifier, then the end of the serial number (CPS)
            #expect(card.keyData == [0x99, 0x01, 0x01, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x07])
            #expect(throws: StateFileError.existsAlready(path)) {
                try GlobalPlatformCard.makeBlank(
                    profile: profile(), serialNumber: Self.serialNumber, stateFile: path)
            }
            #expect(throws: StateFileError.serialNumber) {
                try GlobalPlatformCard.makeBlank(profile: profile(), serialNumber: [1], stateFile: folder + "/b.card")
            }
        }
    }

    @Test func whatACommandChangedIsInTheFileBeforeItsAnswer() throws {
        try withFolder { folder in
            let path = folder + "/a.card"
            try GlobalPlatformCard.makeBlank(profile: profile(), serialNumber: Self.serialNumber, stateFile: path)
            let card = try open(path)
            card.powerOn()
            // INITIALIZE UPDATE, then a wrong EXTERNAL AUTHENTICATE, which costs a try
            _ = card.respond(to: [0x80, 0x50, 0x00, 0x00, 0x08, 1, 2, 3, 4, 5, 6, 7, 8])
            let answer = card.respond(to: [0x84, 0x82, 0x01, 0x00, 0x10] + [UInt8](repeating: 0, count: 16))
            #expect(answer == [0x63, 0x00])
            // the program is killed now: nothing of it runs any more
            let again = try open(path)
            #expect(again.content.failedAuthentications == 1)
            #expect(again.image() == card.image())
        }
    }

    @Test func aChangeThatCannotBeStoredDidNotHappen() throws {
        try withFolder { folder in
            let path = folder + "/a.card"
            try GlobalPlatformCard.makeBlank(profile: profile(), serialNumber: Self.serialNumber, stateFile: path)
            let card = try open(path)
            card.powerOn()
            _ = card.respond(to: [0x80, 0x50, 0x00, 0x00, 0x08, 1, 2, 3, 4, 5, 6, 7, 8])
            // a folder stands where the file is written beside its old content
            try FileManager.default.createDirectory(atPath: path + ".new", withIntermediateDirectories: false)
            let answer = card.respond(to: [0x84, 0x82, 0x01, 0x00, 0x10] + [UInt8](repeating: 0, count: 16))
            #expect(answer == [0x65, 0x81])
            #expect(card.content.failedAuthentications == 0)
        }
    }

    @Test func eachDamagedByteIsNoticed() throws {
        try withFolder { folder in
            let path = folder + "/a.card"
            try GlobalPlatformCard.makeBlank(profile: profile(), serialNumber: Self.serialNumber, stateFile: path)
            let whole = Array(try Data(contentsOf: URL(filePath: path)))
            for index in whole.indices {
                var damaged = whole
                damaged[index] ^= 0x10
                try Data(damaged).write(to: URL(filePath: path))
                let profile = try profile()
                let card = try? GlobalPlatformCard(stateFile: path) { _ in profile }
                #expect(card == nil, "byte \(index)")
            }
            for count in [0, 3, 4, 20, whole.count - 1] {
                try Data(whole.prefix(count)).write(to: URL(filePath: path))
                let profile = try profile()
                let card = try? GlobalPlatformCard(stateFile: path) { _ in profile }
                #expect(card == nil, "\(count) bytes")
            }
        }
    }

    /// Any bytes behind the magic: an error or a card, never a trap.
    @Test func contentsOfNonsenseAreRefused() throws {
        let whole = try GlobalPlatformCard(blank: profile(), serialNumber: Self.serialNumber).image()
        for index in 6..<whole.count {
            for value: UInt8 in [0x00, 0x7F, 0xFF] {
                var bytes = whole
                bytes[index] = value
                _ = try? GlobalPlatformCardContent(encoded: bytes)
            }
            #expect(throws: StateFileError.self) { try GlobalPlatformCardContent(encoded: Array(whole.prefix(index))) }
        }
    }
}
