import ArgumentParser
import ByteText
import CardData
import IssuerKeys
import Issuing
import Lifecycle

extension KeysCommand {
    /// `sscard keys check`: check values of one card's keys.
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "核对密钥 Print the check values of one card's keys.",
            discussion: "例 Example: sscard keys check --factor 8649990100000001")
        @OptionGroup var site: SiteOptions
        @OptionGroup var user: KeyUserOptions
        @Option(help: "卡分散因子 Card factor, 16 hexadecimal digits.") var factor: String
        @Option(help: "算法 Algorithm: 01 3DES, 03 SM4.") var algorithm = "01"
        @Option(help: "地区 The city's area code; that of the policy when none is named.") var area: String?
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            guard let cardFactor = [UInt8](hexadecimal: factor), cardFactor.count == 8 else {
                throw Faults("tool.card-factor", ["factor": factor])
            }
            guard let algorithm = UInt8(algorithm, radix: 16).flatMap(CardAlgorithm.init(rawValue:)) else {
                throw Faults("tool.unknown-word", ["word": algorithm, "known": "01 03"])
            }
            guard algorithm != .ssf33 else { throw CardKeyError.algorithmNotAvailable(algorithm) }
            if let area {
                guard area.utf8.count == 6, area.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                    throw Faults("tool.area-digits", ["area": area])
                }
            }
            let site = try Site(site).acting(user.officer)
            let keys = try site.keys(as: .auditor)
            let hierarchy = try site.hierarchy()
            let card = CardKeyContext(
                algorithm: algorithm, area: area ?? site.policy.area, cardFactor: cardFactor)
            var values: [String: String] = [:]
            var table = Table("密钥 Key", "校验值 KCV")
            for key in hierarchy.keys where key.algorithms.contains(algorithm) {
                do {
                    let value = try keys.keyCheckValue(of: .issuer(key.name), card: card).description
                    values[key.name.rawValue] = value
                    table.add(key.name.rawValue, value)
                } catch {
                    guard case .module(let fault) = error, fault.isOfOneKey else { throw error }
                    // a PSAM has not every key, and does not encipher with every one it has
                    table.add(key.name.rawValue, "–")
                }
            }
            if json { return try Terminal.say(json: values) }
            Terminal.say(table.text)
        }
    }
}
