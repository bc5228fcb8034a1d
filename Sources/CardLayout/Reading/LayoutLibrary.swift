public import CardData
import Foundation

/// The layouts, profiles and code tables of a home folder (`CardLayouts/` in it).
public struct LayoutLibrary: Sendable {
    /// The folder `CardLayouts`.
    public let folder: String

    /// The library of a home folder; nothing is read yet.
    public init(home: String) { folder = home + "/CardLayouts" }

    /// The names of all layouts, sorted; throws `layout.folder`.
    public var layoutNames: [String] {
        get throws(Faults) { try names(in: folder, ending: ".yaml") }
    }

    /// The names of all COS profiles, sorted; throws `layout.folder`.
    public var profileNames: [String] {
        get throws(Faults) {
            try names(in: folder + "/profiles", ending: ".yaml")
                .filter { !$0.hasPrefix(Self.globalPlatform) && !$0.hasPrefix(Self.psam) }
        }
    }

    /// The names of all profiles of PSAMs, whose files begin with `psam`, sorted; throws `layout.folder`.
    public var psamProfileNames: [String] {
        get throws(Faults) {
            try names(in: folder + "/profiles", ending: ".yaml").filter { $0.hasPrefix(Self.psam) }
        }
    }

    /// The names of all profiles of GlobalPlatform cards, whose files begin with `globalplatform`, sorted; throws `layout.folder`.
    public var globalPlatformProfileNames: [String] {
        get throws(Faults) {
            try names(in: folder + "/profiles", ending: ".yaml").filter { $0.hasPrefix(Self.globalPlatform) }
        }
    }

    private static let globalPlatform = "globalplatform"
    private static let psam = "psam"

    /// The names of all code tables; throws `layout.folder`.
    public var codeTableNames: Set<String> {
        get throws(Faults) { Set(try names(in: folder + "/tables", ending: ".csv")) }
    }

    /// Reads a layout; throws `layout.unknown` with the names there are, and what ``LayoutReader`` throws.
    public func layout(named name: String) throws(Faults) -> CardLayout {
        let known = try layoutNames
        guard known.contains(name) else {
            throw Faults("layout.unknown", ["name": name, "known": known.joined(separator: ", ")])
        }
        return try LayoutReader.read(folder + "/" + name + ".yaml")
    }

    /// Reads a profile, of a card operating system or of a GlobalPlatform card; throws `layout.unknown-profile` with the names there
    /// are, and what ``COSProfileReader`` and ``GlobalPlatformProfileReader`` throw.
    public func profile(named name: String) throws(Faults) -> COSProfile {
        if try globalPlatformProfileNames.contains(name) {
            return COSProfile(applicationsOf: try globalPlatformProfile(named: name))
        }
        let known = try profileNames + globalPlatformProfileNames
        guard known.contains(name) else {
            throw Faults("layout.unknown-profile", ["name": name, "known": known.joined(separator: ", ")])
        }
        return try COSProfileReader.read(folder + "/profiles/" + name + ".yaml")
    }

    /// Reads a profile of a GlobalPlatform card; throws `globalplatform.unknown-profile` with the names there are, and what
    /// ``GlobalPlatformProfileReader`` throws.
    public func globalPlatformProfile(named name: String) throws(Faults) -> GlobalPlatformProfile {
        let known = try globalPlatformProfileNames
        guard known.contains(name) else {
            throw Faults(
                "globalplatform.unknown-profile", ["name": name, "known": known.joined(separator: ", ")])
        }
        return try GlobalPlatformProfileReader.read(folder + "/profiles/" + name + ".yaml")
    }

    /// Reads the profile of a PSAM; throws `layout.unknown-profile` with the names there are, and what ``PSAMProfileReader``
    /// throws.
    public func psamProfile(named name: String) throws(Faults) -> PSAMProfile {
        let known = try psamProfileNames
        guard known.contains(name) else {
            throw Faults("layout.unknown-profile", ["name": name, "known": known.joined(separator: ", ")])
        }
        return try PSAMProfileReader.read(folder + "/profiles/" + name + ".yaml")
    }

    /// A layout on the profile it names, or with `LAYOUT@PROFILE` on another.
    ///
    /// Throws what reading both throws, and what ``CompiledCard`` does when the profile cannot express the layout.
    public func compiledCard(named name: String) throws(Faults) -> CompiledCard {
        let parts = name.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let layout = try layout(named: parts[0])
        return try CompiledCard(
            layout: layout, profile: profile(named: parts.count == 2 ? parts[1] : layout.profileName))
    }

    private func names(in folder: String, ending: String) throws(Faults) -> [String] {
        guard let entries = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw Faults("layout.folder", ["path": folder])
        }
        return entries.filter { $0.hasSuffix(ending) && !$0.hasPrefix(".") }
            .map { String($0.dropLast(ending.count)) }.sorted()
    }
}
