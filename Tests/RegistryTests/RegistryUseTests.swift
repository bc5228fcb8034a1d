import Foundation
import Lifecycle
import Testing

@testable import Registry

/// Practice and service never share a folder or a database.
@Suite struct RegistryUseTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "use-\(UUID().uuidString)").path

    private func open(_ use: RegistryUse) throws -> Registry {
        try Registry.open(at: folder, counter: 7, policy: .load(), use: use) { 1_790_000_000_000 }
    }

    @Test(arguments: [RegistryUse.service, .training])
    func aRegistryIsOpenedForWhatItWasMadeForAlone(use: RegistryUse) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do { _ = try open(use) }
        do { _ = try open(use) }
        let other: RegistryUse = use == .service ? .training : .service
        let refusal = use == .service ? RegistryError.notTrainingFolder(folder) : .trainingFolder(folder)
        #expect(throws: refusal) { try open(other) }
        // The folder's mark taken away, or put on: the database still tells.
        let mark = folder + "/" + RegistryUse.folderMark
        if use == .training {
            try FileManager.default.removeItem(atPath: mark)
        } else {
            try Data().write(to: URL(filePath: mark))
        }
        #expect(throws: refusal) { try open(other) }
    }

    @Test func practiceIsNotBegunWhereSomethingElseLies() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder + "/operators", withIntermediateDirectories: true)
        #expect(throws: RegistryError.notTrainingFolder(folder)) { try open(.training) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["operators"])
    }
}
