import CardApplication
import CardCryptography
import CardLayout
import Foundation
import VirtualCard

/// State files of other cards than the file system ones, and what is remembered of cards.
extension FuzzTarget {
    /// The content of a GlobalPlatform card's state file, to which its checksum is put: what is taken is written again as it was, and the
    /// card answers whatever it is asked.
    static let domainState = FuzzTarget("gp-state", runs: 800) { bytes in
        try withChecksum(bytes) { path in
            let profile = try LayoutLibrary(home: home).globalPlatformProfile(named: "globalplatform")
            guard
                let card = try? GlobalPlatformCard(stateFile: path, challenges: .seeded(1), profiles: { _ in profile })
            else { return }
            let image = card.image()
            try withChecksum(image) { again in
                let read = try? GlobalPlatformCard(stateFile: again, challenges: .seeded(1)) { _ in profile }
                try FuzzFinding.unless(read?.image() == image, "a state file that was written cannot be read again")
            }
            try ask(card)
        }
    }

    /// The same of a terminal's module.
    static let moduleState = FuzzTarget("psam-state", runs: 800) { bytes in
        try withChecksum(bytes) { path in
            let profile = try LayoutLibrary(home: home).psamProfile(named: "psam")
            guard
                let module = try? VirtualPSAM.open(stateFile: path, challenges: .seeded(1), profiles: { _ in profile })
            else { return }
            try ask(module)
        }
    }

    /// What a place remembers of a card: tries are never more than a counter has, and what is taken can be written and read again.
    static let visits = FuzzTarget(
        "visits", runs: 600,
        words: ["tries ", "challenge ", "terms ", "permission ", "PIN/00@3F00 ", "255", "-1", "\r\n"]
    ) { bytes in
        try inMemory { folder in
            let path = folder + "/990100000001.visits"
            try Data(bytes).write(to: URL(filePath: path))
            let card: [UInt8] = [0x99, 0x01, 0x00, 0x00, 0x00, 0x01]
            guard let record = try? VisitRecord(in: folder, card: card) else { return }
            let profile = try FuzzSite.shared().profile
            guard let counter = profile.tryCounter(of: .verifyPIN(identifier: 0x00, length: 3)) else { return }
            do { try record.forget(counter) } catch { return }
            try FuzzFinding.unless(
                (try? VisitRecord(in: folder, card: card)) != nil, "a record that was written cannot be read again")
        }
    }

    /// SELECT, GET CHALLENGE, READ, VERIFY, INITIALIZE UPDATE, GET DATA, calculation: a card has an answer to each.
    private static func ask(_ card: any VirtualReaderCard) throws {
        card.powerOn()
        for command: [UInt8] in [
            [0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00], [0x00, 0xA4, 0x04, 0x00, 0x00], [0x00, 0x84, 0x00, 0x00, 0x08],
            [0x00, 0xB2, 0x01, 0x2C, 0x00], [0x00, 0xB0, 0x85, 0x00, 0x00], [0x00, 0x20, 0x00, 0x00, 0x03, 1, 2, 3],
            [0x80, 0x50, 0x00, 0x00, 0x08, 1, 2, 3, 4, 5, 6, 7, 8, 0x00], [0x80, 0xCA, 0x00, 0x66, 0x00],
            [0x80, 0x1A, 0x26, 0x01, 0x08, 1, 2, 3, 4, 5, 6, 7, 8],
            [0x80, 0xFA, 0x00, 0x00, 0x08, 1, 2, 3, 4, 5, 6, 7, 8],
        ] {
            let answer = card.respond(to: command)
            try FuzzFinding.unless((2...258).contains(answer.count), "\(command) was answered \(answer)")
        }
        card.powerOff()
    }

    private static func withChecksum(_ content: [UInt8], _ body: (String) throws -> Void) throws {
        try inMemory { folder in
            let path = folder + "/a.state"
            try Data(content + HashFunction.sha256.hash(content)).write(to: URL(filePath: path))
            try body(path)
        }
    }

    /// Many short-lived files: they live in memory.
    private static func inMemory(_ body: (String) throws -> Void) throws {
        let folder = "/dev/shm/sscard-fuzz-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }
}
