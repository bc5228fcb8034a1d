import Foundation

/// libFuzzer's own loop; by this name it runs inside a program that has a `main` of its own.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ argumentCount: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Knocks at one door with what libFuzzer thinks of; built by `Scripts/fuzz` alone.
///
///     sscard-fuzz TARGET [libFuzzer's arguments]
@main struct SSCardFuzz {
    nonisolated(unsafe) private static var target: FuzzTarget?

    static func main() {
        var names = CommandLine.arguments
        guard names.count > 1, let target = FuzzTarget.all.first(where: { $0.name == names[1] }) else {
            print(FuzzTarget.all.map(\.name).joined(separator: "\n"))
            exit(names.count > 1 ? 2 : 0)
        }
        Self.target = target
        names.remove(at: 1)
        var arguments: [UnsafeMutablePointer<CChar>?] = names.map { strdup($0) } + [nil]
        var count = CInt(names.count)
        let status = arguments.withUnsafeMutableBufferPointer { buffer -> CInt in
            guard var base = buffer.baseAddress else { return 2 }
            return runDriver(&count, &base) { data, size in
                SSCardFuzz.take(Array(UnsafeBufferPointer(start: data, count: size)))
                return 0
            }
        }
        exit(status)
    }

    /// A finding ends the program, so that libFuzzer keeps the input.
    private static func take(_ bytes: [UInt8]) {
        do {
            try target?.take(bytes)
        } catch {
            FileHandle.standardError.write(Data("finding: \(error)\n".utf8))
            abort()
        }
    }
}
