import Foundation
import Testing

/// What no file of the house may hold.
@Suite struct SourceRuleTests {
    // Spelled in two pieces, so that this file does not hold them itself.
    private static let forbidden = ["try" + "!", "fatal" + "Error(", "TO" + "DO", "FIX" + "ME"]

    @Test func noSourceHoldsWhatWouldCrashOrWasLeftOver() throws {
        let files = try ["Sources", "Tests", "Scripts"].flatMap { folder in
            try SourceFile.all(
                in: packageFolder.appending(path: folder), extensions: ["swift", "yaml", "h", "py", "sh", ""])
        }
        #expect(files.contains { $0.path == "Tests/HouseTests/SourceRuleTests.swift" })
        #expect(files.contains { $0.path == "Scripts/test" })
        for file in files {
            for word in Self.forbidden where file.text.contains(word) {
                let line = file.text.components(separatedBy: word)[0].filter { $0 == "\n" }.count + 1
                Issue.record("\(file.path):\(line) holds \(word)")
            }
        }
    }

    /// Invented people live in area 99, which no real one has.
    @Test func noFileHoldsTheCitizenNumberOfSomebodyWhoMayExist() throws {
        let files = try SourceFile.all(
            in: packageFolder, extensions: ["swift", "yaml", "yml", "md", "csv", "json", "txt", "py", "h", "c", ""])
        #expect(files.contains { $0.path == "Package.swift" })
        for file in files {
            let numbers = CitizenNumberSearch.numbers(in: file.text)
            let real = numbers.filter { !$0.hasPrefix("99") }
            #expect(real.isEmpty, "\(file.path)")
        }
    }

    @Test func theSearchFindsWholeNumbersWithRightCheckCharactersOnly() {
        for number in CitizenNumberSearch.invented {
            #expect(CitizenNumberSearch.numbers(in: "a,\(number);") == [number])
            #expect(CitizenNumberSearch.numbers(in: "1\(number)").isEmpty)
            let wrong = String(number.dropLast()) + (number.hasSuffix("5") ? "6" : "5")
            #expect(CitizenNumberSearch.numbers(in: wrong).isEmpty)
        }
    }
}

/// Citizen numbers in a text (GB 11643-1999: area, birth date, sequence, ISO 7064 MOD 11-2 check character).
enum CitizenNumberSearch {
    /// Numbers with right check characters, which nobody has: one ends in X.
    static let invented: Set<String> = ["99010619491231002X", "990188188001010011"]

    private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    private static let checkCharacters = Array("10X98765432")

    /// All numbers that stand by themselves, have a month and day, and the right check character.
    static func numbers(in text: String) -> [String] {
        text.split { !$0.isASCII || !($0.isLetter || $0.isNumber) }.compactMap { word in
            let characters = Array(word.uppercased())
            let digits = characters.dropLast().compactMap(\.wholeNumberValue)
            guard characters.count == 18, digits.count == 17 else { return nil }
            let sum = zip(weights, digits).reduce(0) { $0 + $1.0 * $1.1 }
            let (month, day) = (digits[10] * 10 + digits[11], digits[12] * 10 + digits[13])
            guard characters[17] == checkCharacters[sum % 11], (1...12).contains(month), (1...31).contains(day) else {
                return nil
            }
            return String(characters)
        }
    }
}
