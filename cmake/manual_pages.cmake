# cmake -D PROGRAM=… -D FOLDER=… -P manual_pages.cmake: what the program says of itself, as FOLDER/man1/*.1 for `man`
# and FOLDER/completion/* for shells.
function(write file)
  execute_process(COMMAND ${PROGRAM} ${ARGN} OUTPUT_FILE ${FOLDER}/${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${FOLDER}/man1 ${FOLDER}/completion)
file(MAKE_DIRECTORY ${FOLDER}/man1 ${FOLDER}/completion)
write(man1/ntkc.1 help --man)
# The page of the program names those of its commands.
file(STRINGS ${FOLDER}/man1/ntkc.1 lines REGEX "^.fBntkc.-[a-z]+.fR.1.$")
foreach(line ${lines})
  string(REGEX REPLACE "^.fBntkc.-([a-z]+).*$" "\\1" command "${line}")
  write(man1/ntkc-${command}.1 help ${command} --man)
endforeach()
foreach(shell bash zsh fish)
  write(completion/${shell} completion ${shell})
endforeach()
