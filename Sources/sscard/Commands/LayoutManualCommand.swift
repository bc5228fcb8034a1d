import ArgumentParser
import CardData
import CardLayout

/// `sscard layout manual`: a layout as a page for people.
struct LayoutManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "布局手册 Print the manual page of a layout (Markdown), with example bytes.",
        discussion: "例 Example: sscard layout manual national-3.0 > national-3.0.md")

    @OptionGroup var site: SiteOptions
    @Argument(help: "布局名 Layout.") var name: String

    func run() throws {
        let library = try site.library()
        let layout = try library.layout(named: name)
        let compiled = try CompiledCard(layout: layout, profile: library.profile(named: layout.profileName))
        let codes = try CodeLookup(folder: library.folder + "/tables")
        Terminal.say(try LayoutManual(compiled, codes: codes).text)
    }
}
