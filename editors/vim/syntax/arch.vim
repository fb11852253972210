" Vim syntax of .arch, the language of ntkc. To install: copy editors/vim into ~/.vim, or add it to 'runtimepath'.
" The lists of words are checked by tests/editors/ against the keywords and the built-ins of ntkc;
" NTKC_UPDATE_GOLDENS=1 rewrites them.
if exists('b:current_syntax')
  finish
endif

syn case match

syn keyword archStatement activation def import input language network output parametrization return
syn keyword archConditional else if then
syn keyword archRepeat repeat
syn keyword archBoolean false true
syn keyword archLayer aggregate avg_pool concat conv conv_local conv_transpose dense dropout flatten global_avg_pool global_sum_pool layer_norm resize slice sum_pool
syn keyword archActivation ab_relu abs cos elu erf exp gabor gaussian gelu hard_tanh hermite identity leaky_relu mish monomial polynomial rbf rectified_monomial relu selu sigmoid sigmoid_like sign sin sinusoid softplus step swish tanh
syn keyword archFunction log max min sqrt where
syn keyword archConstant pi

syn match archDefinition "\%(\<\%(def\|activation\|network\)\s\+\)\@<=\h\w*"
syn match archArgument "\<\h\w*\ze\s*=[^=]" contained
syn region archParentheses matchgroup=archDelimiter start="(" end=")" transparent contains=ALLBUT,archTodo
syn match archOperator "|>\|[=!<>]=\|[-+*/^<>=]"
syn match archNumber "\<\d\+\%(\.\d\+\)\=\%([eE][-+]\=\d\+\)\=\>"
syn region archString start=+"+ skip=+\\[\\"]+ end=+"+ oneline
syn keyword archTodo TODO FIXME NOTE contained
syn match archComment "#.*$" contains=archTodo,@Spell

syn sync minlines=200

hi def link archStatement Statement
hi def link archConditional Conditional
hi def link archRepeat Repeat
hi def link archBoolean Boolean
hi def link archLayer Function
hi def link archActivation Function
hi def link archFunction Function
hi def link archConstant Constant
hi def link archDefinition Identifier
hi def link archArgument Identifier
hi def link archDelimiter Delimiter
hi def link archOperator Operator
hi def link archNumber Number
hi def link archString String
hi def link archTodo Todo
hi def link archComment Comment

let b:current_syntax = 'arch'
