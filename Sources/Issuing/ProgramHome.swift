public import CardData
import Foundation

/// The folder that holds `CardLayouts/` and `Keys/`.
public enum ProgramHome {
    /// The folder that was named, that of `SSCARD_HOME`, else the nearest one above the program.
    ///
    /// Throws `tool.no-home`.
    public static func folder(_ named: String?) throws(Faults) -> String {
        if let named { return named }
        if let home = ProcessInfo.processInfo.environment["SSCARD_HOME"], !home.isEmpty { return home }
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
