import ByteText
import Foundation
import SmartCardReader
import VirtualCard

/// The first virtual reader, into which a card is put for each round: the process of a virtual card that knows nothing yet and
/// gives the challenges of its seed.
struct VirtualCardSlot {
    /// The serial number of cards without a state file.
    private static let serialNumber: [UInt8] = [0x99, 0x01, 0x00, 0x00, 0x00, 0x00]

    let reader: SmartCardReader
    private let tool: ChildProgram
    private let home: String
    private let profileName: String
    private let seed: UInt64

    init(tool: ChildProgram, home: String, profileName: String, seed: UInt64) throws {
        // The C replay takes the first reader of the service's list, so this does too.
        guard let first = try ReaderList.current().first else { throw ReaderError.noReader }
        reader = SmartCardReader(first.name)
        self.tool = tool
        self.home = home
        self.profileName = profileName
        self.seed = seed
    }

    /// Runs `body` with a blank card in the reader, which is pulled afterwards.
    ///
    /// - Parameter state: a file that keeps the card; without one it is gone when it is pulled.
    func withBlankCard<Value: Sendable>(
        state: String? = nil, _ body: (SmartCardReader) async throws -> Value
    ) async throws -> Value {
        var arguments = ["virtual-card", "run", "--home", home, "--seed", String(seed)]
        arguments += ["--vpcd", "127.0.0.1:\(VirtualReaderConnection.firstPort)"]
        if let state {
            _ = try tool.output(
                "virtual-card", "new", "--home", home, "--profile", profileName, "--serial",
                Self.serialNumber.hexadecimal, "--state", state)
            arguments += ["--state", state]
        } else {
            arguments += ["--profile", profileName]
        }
        let card = tool.start(arguments)
        card.standardError = FileHandle.nullDevice
        try card.run()
        let result: Result<Value, any Error>
        do {
            _ = try await reader.waitForCard()
            result = .success(try await body(reader))
        } catch {
            result = .failure(error)
        }
        card.terminate()
        card.waitUntilExit()
        _ = try await reader.waitForRemoval()
        return try result.get()
    }
}
