import ArgumentParser
import IssuerKeys

extension KeysCommand {
    /// `sscard keys development`: the file of the public development set.
    struct Development: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "开发密钥库 Print the file of the public development key set, the same at every call.",
            discussion: "例 Example: sscard keys development > Keys/development/keyset.yaml", shouldDisplay: false)
        @OptionGroup var site: SiteOptions

        func run() throws {
            Terminal.say(try DevelopmentKeySet.file(hierarchy: site.hierarchy()), terminator: "")
        }
    }
}
