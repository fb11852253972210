// Tables as people have them: what divides them, what a comma is, whether there is a header.
#include <doctest/doctest.h>

#include <string>

#include "ntkc/table_file.hpp"
#include "tests/data/support.hpp"

using namespace ntkc;
using namespace ntkc::tests;

namespace {

using Numbers = std::vector<double>;
using Texts = std::vector<std::string>;

Table read(std::string_view text, const TableOptions& options = {}) {
  const TemporaryDirectory directory;
  return read_csv(directory.write("t", text), options);
}

std::string refusal(std::string_view text, const TableOptions& options = {}) {
  return error_of([&] { read(text, options); });
}

Texts names(const Table& table) {
  Texts names;
  for (const Column& column : table.columns) names.push_back(column.name);
  return names;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("semicolons, tabs and blanks divide columns as well, and that is told") {
  for (const std::string_view text :
       {"\"acid\";\"sugar\";\"y\"\n7.4;1.9;5\n7.8;2.6;6\n", "acid\tsugar\ty\n7.4\t1.9\t5\n7.8\t2.6\t6\n",
        "acid sugar  y\n7.4 1.9\t5\n  7.8   2.6 6 \n", "acid, sugar, y\r\n7.4, 1.9, 5\r\n7.8, 2.6, 6\r\n"}) {
    CAPTURE(text);
    const Table table = read(text);
    CHECK(names(table) == Texts{"acid", "sugar", "y"});
    REQUIRE(table.columns.size() == 3);
    CHECK(table.columns[1].numbers == Numbers{1.9, 2.6});
    CHECK(table.columns[2].numbers == Numbers{5, 6});
  }
  CHECK(read("a;b\n1;2\n").notes == Texts{"semicolons divide the columns"});
  CHECK(read("a b\n1 2\n").notes == Texts{"blanks divide the columns"});
  CHECK(read("a,b\n1,2\n").notes.empty());
  CHECK(read("a|x;b\n1;2\n", {.separator = ';'}).notes.empty());
}

TEST_CASE("quotes protect every separator, and blanks of a quoted field stay") {
  const Table table = read("\"a;b\";c\n\" x; \";1\n\"y\";2\n");
  CHECK(names(table) == Texts{"a;b", "c"});
  CHECK(table.columns[0].texts == Texts{" x; ", "y"});
  CHECK(read("a b\n\"x y\" 1\n\"z\" 2\n").columns[0].texts == Texts{"x y", "z"});
  CHECK(read("kind\nred apple\nblue plum\n").columns[0].texts == Texts{"red apple", "blue plum"});
}

TEST_CASE("a first row of numbers with a decimal comma states no counts, nor one of no samples") {
  CHECK(read("3\t2\t44,1\n1,5\t78,4\t901\n31\t5\t3\n2\t2\t2\n").rows == 4);
  CHECK(contains(refusal("0 1\n-8.5 -5.75\n"), "may name the columns, or be the first row"));
}

TEST_CASE("a table that two separators divide equally well is refused") {
  CHECK(contains(refusal("a;x,b\nu;v,w\n"), "semicolons as well as commas divide it"));
  // Of these one makes numbers, the other does not.
  CHECK(read("1,5;2,5\n3,5;4,25\n").columns.size() == 2);
  CHECK(read("2.5, 3.5\n4.5, 5.5\n").columns[1].numbers == Numbers{3.5, 5.5});
  // Two columns by commas, and by blanks, if the commas are those of decimal numbers.
  CHECK(read("p;2020-01-31;-1,5\nq;2020-01-30;85,3\n").columns.size() == 3);
  CHECK(contains(refusal("a b 3,5\nc d 4,6\n"), "commas as well as blanks divide it"));
  CHECK(contains(refusal(" 2020-01-31   156,5 \n blue   3,031 \n"), "commas as well as blanks divide it"));
}

TEST_CASE("a decimal comma holds for the whole table, and is not taken for one between thousands") {
  const Table table = read("a;b\n1,5;2\n-0,25e1;3\n");
  CHECK(table.decimal_comma);
  CHECK(table.columns[0].numbers == Numbers{1.5, -2.5});
  CHECK(table.notes == Texts{"semicolons divide the columns, numbers have a decimal comma"});
  CHECK(contains(refusal("a;b\n1,5;2\n2.5;3\n"),
                 "`1,5` has a decimal comma and `2.5` in line 3 a decimal point"));
  CHECK(contains(refusal("a;b\n1,234;2\n7,400;3\n"),
                 "whether `1,234` has a decimal comma or one between thousands"));
  CHECK(read("a;b\n1,234;2\n7,400;3\n", {.decimal = DecimalSign::comma}).columns[0].numbers ==
        Numbers{1.234, 7.4});
  CHECK(read("a;b\n1,234;2\n7,400;3\n", {.decimal = DecimalSign::point}).columns[0].texts ==
        Texts{"1,234", "7,400"});
  CHECK(read("a;b\n0,234;2\n7,400;3\n").columns[0].numbers == Numbers{0.234, 7.4});
  CHECK_FALSE(read("a,b\n\"1,5\",2\n").columns[0].numeric);
  CHECK(read("a,b\n\"1,5\",2\n", {.decimal = DecimalSign::comma}).columns[0].numbers == Numbers{1.5});
}

TEST_CASE("a first line of values names no columns: they are called by their position") {
  const Table flowers = read("5.1,3.5,low\n4.9,3.0,low\n7.0,3.2,high\n");
  CHECK(names(flowers) == Texts{"1", "2", "3"});
  CHECK(flowers.rows == 3);
  CHECK(flowers.columns[0].numbers == Numbers{5.1, 4.9, 7});
  CHECK(flowers.lines.front() == 1);
  CHECK(flowers.notes == Texts{"no header: the columns are called 1 to 3"});
  CHECK(read("1.0e+00 2.0e+00\n3.0e+00 4.0e+00\n").rows == 2);
  CHECK(read("7\n8\n").rows == 2);
  // A missing value is no name.
  CHECK(read("5.1,?\n4.9,3.0\n").rows == 2);
  // All texts: those that come again are values.
  CHECK(read("e,x\np,x\ne,y\n").rows == 3);
  CHECK(read("cap,odor\np,x\ne,y\n").rows == 2);
  CHECK(names(read("town,2020,2021\n7,3,4\n8,5,6\n")) == Texts{"town", "2020", "2021"});
  CHECK(contains(refusal("town,20.5\n7,3\n8,5\n"), "--header=yes or --header=no"));
  CHECK(read("a,2020,2021\nx,3,4\ny,5,6\n", {.header = TableHeader::yes}).rows == 2);
  CHECK(read("a,b\n1,2\n", {.header = TableHeader::no}).rows == 2);
}

TEST_CASE("a first line that may be both is refused, unless an index shows what it is") {
  CHECK(contains(refusal("0,1,2\n5,6,7\n8,9,1\n"), "--header=yes or --header=no"));
  CHECK(names(read(",0,1\n0,6,7\n1,9,1\n")) == Texts{"0", "1"});
  CHECK(names(read("0,1,y\n5,6,7\n8,9,1\n")) == Texts{"0", "1", "y"});
  CHECK(contains(refusal("5,5,1\n2,3,4\n", {.header = TableHeader::yes}),
                 "say --header=no if this line is data"));
}

TEST_CASE("an index without a name and empty columns are left out, and that is told") {
  const Table table = read(",a,b,\n0,2,3,\n1,1,4,\n");
  CHECK(names(table) == Texts{"a", "b"});
  CHECK(table.notes == Texts{"column 1 is left out: it has no name, the index of the rows",
                             "column 4 is left out: it has neither a name nor values"});
  CHECK(names(read("\"a\" \"b\"\n\"1\" 2 3\n\"2\" 1 4\n")) == Texts{"a", "b"});  // R's write.table
  CHECK(names(read("Unnamed: 0,a\n0,2\n1,5\n")) == Texts{"a"});
  CHECK(names(read("Unnamed: 0,a\n7,2\n3,5\n")) == Texts{"Unnamed: 0", "a"});
  CHECK(contains(refusal("a,,c\n1,2,3\n"), ":1: column 2 has no name"));
}

TEST_CASE("a first line of counts is none of the rows") {
  const Table flowers = read("3,2,low,high\n5.1,3.5,0\n4.9,3.0,0\n7.0,3.2,1\n");
  CHECK(names(flowers) == Texts{"1", "2", "target"});
  CHECK(flowers.columns[2].texts == Texts{"low", "low", "high"});
  CHECK(flowers.columns[0].numbers == Numbers{5.1, 4.9, 7});
  const Table houses = read("3,2,,\n\"rooms\",\"age\",\"price\"\n5,6,7\n1,2,3\n4,4,4\n");
  CHECK(names(houses) == Texts{"rooms", "age", "price"});
  CHECK(houses.rows == 3);
  // Of one or two, the numbers of a sample may say as much by chance.
  CHECK(contains(refusal("1;2;\"red\"\n4;2;\"blue\"\n"), "may name the columns, or be the first row"));
  // Another number of rows: the first line is one of them.
  CHECK(read("4,2,7\n5.1,3.5,0\n4.9,3.0,0\n").rows == 3);
}

TEST_CASE("LIBSVM lines are read as a table of the numbers they state and of zeros") {
  const Table table = read("+1 1:0.5 4:-2 # a comment\n-1 2:1e3\n\n# all of it\n-1\n");
  CHECK(table.libsvm);
  CHECK(names(table) == Texts{"label", "1", "2", "3", "4"});
  REQUIRE(table.rows == 3);
  CHECK(table.columns[0].numbers == Numbers{1, -1, -1});
  CHECK(table.columns[1].numbers == Numbers{0.5, 0, 0});
  CHECK(table.columns[2].numbers == Numbers{0, 1000, 0});
  CHECK(table.columns[4].numbers == Numbers{-2, 0, 0});
  CHECK(table.lines == std::vector<std::int64_t>{1, 2, 5});
  CHECK(contains(refusal("1 0:0.5 3:1\n"), "indices begin with 1"));
  CHECK(contains(refusal("1 3:0.5 2:1\n"), "index 2 after 3"));
  CHECK(contains(refusal("1 qid:7 2:1\n"), "`qid:7` is not index:value"));
  CHECK(contains(refusal("1 999999999:1\n2 1:1\n"), "as a dense matrix"));
}

TEST_CASE("files of other programs are called by their name") {
  CHECK(contains(refusal("PAR1\x15"), "is a Parquet file"));
  CHECK(contains(refusal("ARROW1"), "is an Arrow or Feather file"));
  CHECK(contains(refusal("\x89HDF\r\n\x1a\n"), "is an HDF5 file"));
  CHECK(contains(refusal("@relation iris\n"), "is an ARFF file"));
}

TEST_CASE("a table that is compressed with zstd is read, and a damaged one refused") {
  const std::string packed = from_hexadecimal("28b52ffd0458610000612c620a312c320a332c340ae1b3cb2e");
  CHECK(read(packed).columns[1].numbers == Numbers{2, 4});
  CHECK(contains(refusal(packed.substr(0, packed.size() - 2)), "compressed data end early"));
  CHECK(contains(refusal(packed + "x"), "compressed data are damaged"));
  std::string changed = packed;
  changed[12] ^= 1;
  CHECK(contains(refusal(changed), "compressed data are damaged"));
}
