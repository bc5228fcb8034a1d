public import CardData
import Foundation

/// The folder that holds `CardLayouts/` and `Keys/`.
public enum ProgramHome {
    /// The folder that was named, that of `SSCARD_HOME`, else the nearest one above the program.
    ///
    /// Throws `tool.no-home`, and `tool.not-home` for one that was named and is none.
    public static func folder(_ named: String?) throws(Faults) -> String {
        let home = ProcessInfo.processInfo.environment["SSCARD_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        if let named = named ?? home {
            guard FileManager.default.fileExists(atPath: named + "/CardLayouts") else {
                throw Faults("tool.not-home", ["path": named])
            }
            return named
        }
        var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/" {
            if FileManager.default.fileExists(atPath: folder.appendingPathComponent("CardLayouts").path) {
                return folder.path
            }
            folder.deleteLastPathComponent()
        }
        throw Faults("tool.no-home")
    }
}
