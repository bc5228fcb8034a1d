import ByteText
import CardCryptography
import CardData
import Foundation
import GRDB
import Lifecycle
import Testing

@testable import Registry

/// A backup holds everything, is found out when a byte of it changes, and never lets a log fork in silence.
@Suite struct BackupTests {
    static let cost = KeyDerivation.ScryptCost(cost: 2)
    static let restorer = Handling(
        by: Officer(number: 2001, role: .supervisor), second: Officer(number: 2002, role: .supervisor),
        proofs: .paper)

    let office = Office()
    let place = Office()

    func passphrase(_ text: String = "correct horse battery") -> SecretBytes {
        SecretBytes(copying: Array(text.utf8))
    }

    func policy() throws -> LifecyclePolicy {
        try LifecyclePolicy.parse(site: "version: test-1", file: "site.yaml")
    }

    @discardableResult
    func backUp(_ registry: Registry, _ name: String) throws -> RegistryBackup {
        let path = place.path + "/" + name
        try FileManager.default.createDirectory(atPath: place.path, withIntermediateDirectories: true)
        try registry.backUp(to: path, sealedUnder: passphrase(), cost: Self.cost)
        return try RegistryBackup(at: path)
    }

    @discardableResult
    func restore(
        _ backup: RegistryBackup, into data: Office, known: [KnownEvent] = [], older: Bool = false,
        words: String = "correct horse battery", numbers: NumbersInDoubt = .next(0), by handling: Handling = restorer
    ) throws -> RecordedEvent {
        try backup.restore(
            into: data.path, keysUnder: passphrase(words),
            on: RegistryBackup.Terms(known: known, mayBeOlder: older, numbers: numbers, handledBy: handling),
            policy: try policy(),
            clock: office.clock)
    }

    /// Shells complete folders with a slash; the unfinished copy must still lie beside, not inside.
    @Test func pathsMayEndWithSlashes() throws {
        let registry = try office.open()
        let path = place.path + "/a"
        try FileManager.default.createDirectory(atPath: place.path, withIntermediateDirectories: true)
        try registry.backUp(to: path + "//", sealedUnder: passphrase(), cost: Self.cost)
        let backup = try RegistryBackup(at: path + "/")
        #expect(backup.path == path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == ["a"])
        let data = Office()
        try backup.restore(
            into: data.path + "/", keysUnder: passphrase(),
            on: RegistryBackup.Terms(handledBy: Self.restorer), policy: try policy(), clock: office.clock)
        #expect(FileManager.default.fileExists(atPath: data.path + "/registry.sqlite"))
    }

    @Test func whatIsRestoredIsWhatWasBackedUpAndItsLogSaysSo() throws {
        let registry = try office.open()
        let person = try Office.person(11)
        let card = try registry.issueCard(1, for: person)
        let views = try registry.canonicalDumpHash()
        let backup = try backUp(registry, "a")
        #expect(backup.manifest.views == views)
        #expect(backup.manifest.events == UInt64(try registry.statistics().events))
        let data = Office()
        let event = try restore(backup, into: data)
        #expect(event.identifier.sequence == backup.manifest.events + 1)
        #expect(
            event.act
                == .registryRestored(
                    try #require(Restoration(manifest: backup.manifestHash, newestKnown: 0))))
        let restored = try data.open()
        #expect(try restored.verify().isGood)
        #expect(try restored.canonicalDumpHash() == views, "a restoration changes no view")
        #expect(try restored.card(card)?.state.shown == .normal)
        #expect(
            try restored.lookUpPerson(person.number, purpose: .audit, handledBy: Office.teller)?.name == person.name,
            "the keys came with it")
    }

    @Test func theBackupOfARegistryAtWorkIsOneMomentOfIt() throws {
        let registry = try office.open()
        try registry.issueCard(1, for: try Office.person(11))
        try FileManager.default.createDirectory(atPath: place.path, withIntermediateDirectories: true)
        var entered = 0
        let manifest = try registry.backUp(
            to: place.path + "/a", sealedUnder: passphrase(), cost: Self.cost
        ) { _ in
            // Another window's act while pages are copied.
            guard entered == 0 else { return }
            entered += 1
            _ = try? registry.register(Office.person(13), handledBy: Office.teller)
        }
        #expect(entered == 1)
        #expect(try registry.verify().events == manifest.events + 1)
        #expect(try RegistryBackup(at: place.path + "/a").manifest == manifest)
    }

    @Test func everyChangedFileIsFoundOut() throws {
        let registry = try office.open()
        try registry.issueCard(1, for: try Office.person(11))
        let backup = try backUp(registry, "a")
        for name in ["registry.sqlite", "keys.sealed", "backup.txt"] {
            let url = URL(filePath: backup.path + "/" + name)
            let good = try Data(contentsOf: url)
            for position in stride(from: 0, to: good.count, by: max(1, good.count / 40)) {
                var bad = good
                bad[position] ^= 0x01
                try bad.write(to: url)
                #expect(throws: RegistryError.self, "\(name) at \(position)") { try RegistryBackup(at: backup.path) }
            }
            try good.write(to: url)
            try FileManager.default.removeItem(at: url)
            #expect(throws: RegistryError.self, "\(name) missing") { try RegistryBackup(at: backup.path) }
            try good.write(to: url)
        }
        #expect(try RegistryBackup(at: backup.path).manifest == backup.manifest)
    }

    /// Whoever holds a backup can sign a manifest of their own, but has not the key that the passphrase opens.
    @Test func aManifestSignedByAnotherKeyDoesNotOpen() throws {
        let registry = try office.open()
        try registry.issueCard(1, for: try Office.person(11))
        let backup = try backUp(registry, "a")
        let other = Office()
        let foreign = try backUp(try other.open(), "b")
        let keys = "/keys.sealed"
        try FileManager.default.removeItem(atPath: foreign.path + keys)
        try FileManager.default.copyItem(atPath: backup.path + keys, toPath: foreign.path + keys)
        #expect(throws: RegistryError.backup(.altered(file: "keys.sealed"))) { try RegistryBackup(at: foreign.path) }
        #expect(throws: RegistryError.backup(.keysStayShut)) {
            try BackupKeys.open(
                Array(try Data(contentsOf: URL(filePath: backup.path + keys))), under: passphrase(),
                of: foreign.manifest, into: place.path)
        }
    }

    @Test func aRegistryThatIsNotWholeIsNotBackedUp() throws {
        let registry = try office.open()
        try registry.issueCard(1, for: try Office.person(11))
        try registry.pool.write { try $0.execute(sql: "UPDATE log SET kind = 1 WHERE sequence = 2") }
        #expect(throws: RegistryError.backup(.contents(.columnsDiffer))) { try backUp(registry, "a") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path).isEmpty, "nothing is left of it")
    }

    /// Operators, printed slips, open issues and owed fees, and the key that opens what is sealed in them; not what belongs to one run.
    @Test func whatTheCounterHasBesideTheRegistryComesBackWithIt() throws {
        let registry = try office.open()
        let files = [
            "operators/operators.json": "[]\n", "operators/slips": "1\n2\n", "operators/terms": "{}\n",
            "issue/00112233AABBCCDD.issue": "form: sscard issue 1\n", "issue/00112233AABBCCDD.photo": "\u{0}\u{FF}",
            "issue/fees/1122334455667788.issue": "fee\n", "journal/journal.key": String(repeating: "k", count: 32),
            "journal/00.pin-served": "form: sscard pin 1\n", "operators/empty": "",
            "waiting/0011223344556677.act": "sealed", "tries/0011223344556677.visits": "SSCV1\nPIN/00 2\n",
        ]
        let others = [
            "operators/once-acts", "issue/ended/2233445566778899.issue", "journal/01.journal",
            "journal/00.pin-begun.new",
            "queue/20261128", "pin-slips/1", "waiting/ended/8877665544332211.act", "waiting/0011223344556677.act.new",
        ]
        for (name, text) in files.merging(others.map { ($0, "x") }, uniquingKeysWith: { $1 }) {
            let path = URL(filePath: office.path + "/" + name)
            try FileManager.default.createDirectory(
                at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: path)
        }
        try FileManager.default.createSymbolicLink(
            atPath: office.path + "/operators/link", withDestinationPath: "/etc/passwd")
        let backup = try backUp(registry, "a")
        let sealed = try Data(contentsOf: URL(filePath: backup.path + "/office.sealed"))
        #expect(sealed.range(of: Data("operators".utf8)) == nil, "nothing of it lies in the open")
        let data = Office()
        try restore(backup, into: data)
        for (name, text) in files {
            #expect(FileManager.default.contents(atPath: data.path + "/" + name) == Data(text.utf8), "\(name)")
        }
        for name in others + ["operators/link"] {
            #expect(!FileManager.default.fileExists(atPath: data.path + "/" + name), "\(name)")
        }
        let restored = try data.open()
        #expect(try restored.verify().isGood)
        #expect(try restored.restorations() == [backup.manifest.events + 1])
        #expect(try registry.restorations().isEmpty)
    }

    /// One changed byte anywhere, and files where none belong.
    @Test func whatWasAlteredBesideTheRegistryIsNotRestored() throws {
        let registry = try office.open()
        try FileManager.default.createDirectory(
            atPath: office.path + "/operators", withIntermediateDirectories: true)
        try Data("1\n".utf8).write(to: URL(filePath: office.path + "/operators/slips"))
        let sealed = try BackupOffice.seal(office.path, under: registry.keys.sealing)
        let folder = office.path + "/to"
        for index in sealed.indices {
            var altered = sealed
            altered[index] ^= 1
            #expect(throws: RegistryError.self) {
                try BackupOffice.open(altered, under: registry.keys.sealing, into: folder)
            }
        }
        let path = Array("../evil".utf8)
        let entry: [UInt8] = [0, UInt8(path.count)] + path + [0, 0, 0, 1, 0x78]
        let foreign = try SecretBytes(copying: entry).withSpan { plain in
            try registry.keys.sealing.withSpan { try SealedBox.seal(plain, key: $0, header: Array("SCO1".utf8)) }
        }
        #expect(throws: RegistryError.self) {
            try BackupOffice.open(Array("SCO1".utf8) + foreign, under: registry.keys.sealing, into: folder)
        }
        #expect(!FileManager.default.fileExists(atPath: office.path + "/evil"))
    }

    @Test func aBackupIsNeverWrittenOverAnother() throws {
        let registry = try office.open()
        let backup = try backUp(registry, "a")
        #expect(throws: RegistryError.backup(.placeTaken(backup.path))) { try backUp(registry, "a") }
    }

    @Test func anOlderBackupIsTakenOnlyWhenSomebodySaysSo() throws {
        let registry = try office.open()
        try registry.issueCard(1, for: try Office.person(11))
        let old = try backUp(registry, "a")
        let later = try registry.register(Office.person(13), handledBy: Office.teller)
        _ = later
        let report = try registry.verify()
        let known = KnownEvent(sequence: report.events, hash: report.head)
        let data = Office()
        let refusal = RegistryError.backup(.older(newest: old.manifest.events, known: report.events))
        #expect(throws: refusal) { try restore(old, into: data, known: [known]) }
        let newer = try backUp(registry, "b")
        #expect(throws: refusal, "the newer one beside it is known") { try restore(old, into: data) }
        #expect(!FileManager.default.fileExists(atPath: data.path))
        let event = try restore(old, into: data, older: true)
        #expect(
            event.act
                == .registryRestored(
                    try #require(Restoration(manifest: old.manifestHash, newestKnown: report.events))))
        #expect(try restore(newer, into: Office(), known: [known]).identifier.sequence == report.events + 1)
    }

    @Test func anEventOfAnotherLogIsNeverAccepted() throws {
        let registry = try office.open()
        try registry.issueCard(1, for: try Office.person(11))
        let backup = try backUp(registry, "a")
        let known = KnownEvent(sequence: 2, hash: .none)
        #expect(throws: RegistryError.backup(.anotherLog(sequence: 2))) {
            try restore(backup, into: Office(), known: [known], older: true)
        }
    }

    @Test func aRefusedRestorationLeavesTheFolderAsItWas() throws {
        let registry = try office.open()
        try registry.issueCard(1, for: try Office.person(11))
        let backup = try backUp(registry, "a")
        let data = Office()
        #expect(throws: RegistryError.backup(.keysStayShut)) { try restore(backup, into: data, words: "wrong horse") }
        let alone = Handling(by: Officer(number: 2001, role: .supervisor), proofs: .paper)
        #expect(throws: RegistryError.self, "two persons restore") { try restore(backup, into: data, by: alone) }
        #expect(!FileManager.default.fileExists(atPath: data.path))
        #expect(!FileManager.default.fileExists(atPath: data.path + ".restoring"))
        #expect(throws: RegistryError.backup(.folderNotEmpty(office.path))) { try restore(backup, into: office) }
        #expect(try registry.verify().isGood, "the registry that stood there is untouched")
    }
}
